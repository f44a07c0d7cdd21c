# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the counting plugin, and runs a firmware under QEMU with it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from microtvm_project.process import Command, child_environment, end_with_parent, run
from microtvm_project.toolchain import find_program

from bench_model.counts import Counts, parse_counts
from bench_model.errors import BenchError
from bench_model.flash import FlashModel
from bench_model.image import Image

SOURCES = Path(__file__).resolve().parent.parent / "bench_plugin"
LIBRARY = "bench_plugin.so"
_COUNTS = "counts.txt"
_FLAGS = ("-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC")
_OLDEST_API = 1
_WANTED_API = re.compile(r"supports only a minimum version of (\d+)")
_TOLD_LINES = 5

# A model of a hundred million instructions takes a second.
_TIMEOUT_S = 600


@dataclass(frozen=True)
class Watch:
    """What the plugin looks out for: the block that marks intervals, and the memories."""

    mark: int
    flash_start: int
    flash_end: int
    stack_start: int
    stack_end: int

    def plugin_options(self) -> tuple[str, ...]:
        """As the counting plugin takes it."""
        return tuple(f"{name}={value}" for name, value in vars(self).items())


def watch_inference(image: Image, flash_start: int, flash_size: int) -> Watch:
    """Marks each reading of the clock: the program reads it before and after each layer."""
    return Watch(
        mark=image.address("microtvm_platform_ticks"),
        flash_start=flash_start,
        flash_end=flash_start + flash_size,
        stack_start=image.address("__main_stack_start"),
        stack_end=image.address("__main_stack_end"),
    )


def build_plugin(folder: Path, api: int = _OLDEST_API) -> Path:
    """Compiles the plugin for this machine, for a version of QEMU's plugin interface."""
    library = folder / LIBRARY
    sources = sorted(str(path) for path in SOURCES.glob("*.c"))
    arguments = ("gcc", *_FLAGS, f"-DBENCH_PLUGIN_API_VERSION={api}", "-o", str(library), *sources)
    run(Command(arguments, folder), error=BenchError)
    return library


def run_counted(elf: Path, machine: str, watch: Watch, flash: FlashModel, folder: Path) -> Counts:
    """Runs a program to its end and returns what the plugin counted.

    Args:
        folder: where the plugin and its results are put.

    Raises:
        BenchError: the program or QEMU failed.
    """
    said = _run(elf, machine, watch, flash, build_plugin(folder))
    wanted = _WANTED_API.search(said)
    if wanted:
        # QEMU 9 dropped the first versions; none has changed what the plugin calls.
        said = _run(elf, machine, watch, flash, build_plugin(folder, int(wanted[1])))
    if said:
        raise BenchError(f"The program under QEMU did not end well: {said}")
    with (folder / _COUNTS).open(encoding="ascii") as file:
        return parse_counts(file)


def qemu_arguments(
    program: str, elf: Path, machine: str, watch: Watch, flash: FlashModel, plugin: Path
) -> tuple[str, ...]:
    """QEMU's command line, to be run in the plugin's folder.

    Without -icount: under it QEMU begins blocks that it does not finish, which the plugin would
    count.
    """
    options = (f"out={_COUNTS}", *watch.plugin_options(), *flash.plugin_options())
    return (
        *(program, "-machine", machine, "-nodefaults", "-display", "none"),
        *("-serial", "stdio", "-kernel", str(elf)),
        # By semihosting the program ends QEMU; with gdb as target it reaches nothing else of ours.
        *("-semihosting-config", "enable=on,target=gdb"),
        *("-plugin", ",".join((f"./{plugin.name}", *options))),
    )


def _run(elf: Path, machine: str, watch: Watch, flash: FlashModel, plugin: Path) -> str:
    """Runs QEMU; returns the last that it said if it did not end well, otherwise nothing."""
    program = find_program("qemu-system-arm", BenchError)
    try:
        done = subprocess.run(
            qemu_arguments(program, elf, machine, watch, flash, plugin),
            cwd=plugin.parent,
            env=child_environment({}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
            preexec_fn=end_with_parent(),
        )
    except subprocess.TimeoutExpired:
        return f"it ran for {_TIMEOUT_S} seconds"
    if done.returncode == 0:
        return ""
    lines = "; ".join(done.stdout.splitlines()[-_TOLD_LINES:])
    return f"exit code {done.returncode}; {lines}"

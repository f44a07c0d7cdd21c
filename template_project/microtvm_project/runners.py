# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""West's flash runners: one row each, with how a runner is told which probe to use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import BuildError
from microtvm_project.process import Command

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.boards import Board
    from microtvm_project.zephyr import ZephyrTree


@dataclass(frozen=True)
class Runner:
    """A runner's name, and the arguments that choose a probe; {} stands for its serial number."""

    name: str
    probe_arguments: tuple[str, ...]

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """The arguments for one probe."""
        return tuple(argument.replace("{}", serial_number) for argument in self.probe_arguments)


RUNNERS = {
    runner.name: runner
    for runner in (
        Runner("jlink", ("--dev-id", "{}")),
        Runner("linkserver", ("--probe", "{}")),
        Runner("nrfjprog", ("--dev-id", "{}")),
        Runner("nrfutil", ("--dev-id", "{}")),
        Runner("openocd", ("--cmd-pre-init", "adapter serial {}")),
        Runner("pyocd", ("--dev-id", "{}")),
        Runner("stm32cubeprogrammer", ("--tool-opt=sn={}",)),
    )
}

_SERIAL_NUMBER = re.compile(r"[A-Za-z0-9_.:-]+")
_FLASH_RUNNER = re.compile(r"^flash-runner:\s*([A-Za-z0-9_-]+)\s*$", re.MULTILINE)


def flash_command(
    build: Path,
    tree: ZephyrTree,
    west: tuple[str, ...] | None,
    serial_number: str | None,
    board: Board,
) -> Command:
    """`west flash` for a built project.

    Raises:
        BuildError: west is missing, or cannot be told which probe to use.
    """
    if west is None:
        raise BuildError(
            "west is not installed, and flashing needs it",
            hint="pip install west, or --project-option west_cmd=COMMAND",
        )
    if tree.workspace is None:
        raise BuildError(
            f"{tree.base} is not in a west workspace, and west flashes only from one",
            hint="run `west init -l` and `west update` around the Zephyr tree",
        )
    probe = _choose_probe(build, serial_number, board) if serial_number else ()
    arguments = (*west, "flash", "--build-dir", str(build), *probe)
    return Command(arguments, tree.workspace, {"ZEPHYR_BASE": str(tree.base)})


def runner_of_build(build: Path, board: Board) -> str:
    """The runner that Zephyr has chosen for the build, else the board's first."""
    path = build / "zephyr" / "runners.yaml"
    try:
        match = _FLASH_RUNNER.search(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        match = None
    if match:
        return match.group(1)
    return board.flash_runners[0] if board.flash_runners else ""


def _choose_probe(build: Path, serial_number: str, board: Board) -> tuple[str, ...]:
    name = runner_of_build(build, board)
    if name not in RUNNERS:
        raise BuildError(
            f"Flash runner {name!r} cannot be told which probe to use",
            expected=f"one of {', '.join(sorted(RUNNERS))}",
            hint="attach one board only and leave serial_number out",
        )
    if not _SERIAL_NUMBER.fullmatch(serial_number):
        raise BuildError(
            f"Serial number {serial_number!r} is not one", expected="letters, digits, _ . : -"
        )
    return ("--runner", name, *RUNNERS[name].choose_probe(serial_number))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Test programs of kernels with a file of cases: for this host under sanitizers, and for QEMU."""

from __future__ import annotations

import subprocess
from pathlib import Path

from microtvm_project.boards import find_board

from support.cmake_builds import ROOT, find_program

_SOURCES = ROOT / "tests" / "kernels"
_BAREMETAL = ROOT / "zephyr_app" / "baremetal"
_WARNINGS = ("-std=gnu11", "-Wall", "-Wextra", "-Wconversion", "-Werror")
_HOST_FLAGS = (
    *("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "-fno-omit-frame-pointer",
)
_TARGET_FLAGS = (
    *("-O2", "-mthumb", "-mno-unaligned-access", "-ffunction-sections"),
    *("-ffreestanding", "-fno-tree-loop-distribute-patterns", "-DMICROTVM_TRAP_UNALIGNED"),
    *("-nostartfiles", "-Wl,--gc-sections", "-Wl,--defsym=__main_stack_size=4096"),
    # The objects stay, and with them the compiler's figures: the bound on the stack needs both.
    *("-fstack-usage", "-save-temps=obj"),
)
# Board to the compiler's flags for its core: those with the DSP extension, and one without.
CORES = {
    "mps2-an386": ("-mcpu=cortex-m4", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard"),
    "mps2-an500": ("-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mfloat-abi=hard"),
    "mps2-an505": ("-mcpu=cortex-m33", "-mfpu=fpv5-sp-d16", "-mfloat-abi=hard"),
}
CORES_WITHOUT_DSP = {
    "cortex-m3": ("mps2-an385",),
    # QEMU has no Cortex-M0+; a Cortex-M3 runs its instructions.
    "cortex-m0plus": ("mps2-an385", "-mcpu=cortex-m0plus"),
    "cortex-m4+nodsp": ("mps2-an386", "-DMICROTVM_NO_DSP"),
}
# Each core's board, and what else tells the compiler how the core computes.
DUAL_ISSUE = "-DMICROTVM_DUAL_ISSUE=1"
CORE_BUILDS = {
    "cortex-m4": ("mps2-an386",),
    "cortex-m7": ("mps2-an500", DUAL_ISSUE),
    "cortex-m33": ("mps2-an505",),
    **CORES_WITHOUT_DSP,
}
# Where boards/ has no such board: start and size of flash and of RAM.
_MEMORY = {"mps2-an505": (0x10000000, 4 << 20, 0x38000000, 4 << 20)}
_FLAGS = {**CORES, "mps2-an385": ("-mcpu=cortex-m3", "-mfloat-abi=soft")}


def run_on_host(folder: Path, source: str, cases: bytes, *definitions: str) -> str:
    """What the program printed; stops at the first fault."""
    flags = (*_HOST_FLAGS, *definitions)
    program = _compile(folder, source, cases, "gcc", flags, (_SOURCES / "machine_host.c",))
    return _run([str(program)])


def build_for_board(folder: Path, source: str, cases: bytes, board: str, *definitions: str) -> Path:
    """The program for an emulated board, where an unaligned access is a fault.

    Args:
        definitions: more of the compiler's arguments; the last one of a kind counts.
    """
    scripts = [f"-T{_BAREMETAL / name}" for name in ("memory.ld", "link.ld")]
    flags = (*_TARGET_FLAGS, *_FLAGS[board], *definitions, *_memory_flags(board), *scripts)
    sources = (_SOURCES / "machine_qemu.c", _BAREMETAL / "startup.c", _BAREMETAL / "memory.c")
    return _compile(folder, source, cases, "arm-none-eabi-gcc", flags, sources)


def run_on_board(folder: Path, source: str, cases: bytes, board: str, *definitions: str) -> str:
    """Builds and runs; returns what the program printed."""
    program = build_for_board(folder, source, cases, board, *definitions)
    return _run(
        [
            *(find_program("qemu-system-arm"), "-machine", board, "-nodefaults"),
            *("-display", "none", "-semihosting-config", "enable=on,target=native"),
            *("-kernel", str(program)),
        ]
    )


def _memory_flags(machine: str) -> list[str]:
    """What link.ld is to be told."""
    names = ("__flash_start", "__flash_size", "__ram_start", "__ram_size")
    values = _MEMORY.get(machine)
    if values is None:
        board = find_board(ROOT / "boards", machine.replace("-", "_"))
        flash, ram = board.regions("flash")[0], board.regions("ram")[0]
        values = (flash.address, flash.size, ram.address, ram.size)
    return [f"-Wl,--defsym={name}={value}" for name, value in zip(names, values, strict=True)]


def _compile(
    folder: Path,
    source: str,
    cases: bytes,
    compiler: str,
    flags: tuple[str, ...],
    sources: tuple[Path, ...],
) -> Path:
    data, program = folder / "cases.bin", folder / "program.elf"
    data.write_bytes(cases)
    command = [
        *(find_program(compiler), *_WARNINGS, *flags, f'-DCASES_FILE="{data}"'),
        *("-I", str(ROOT / "zephyr_app" / "include"), "-I", str(_BAREMETAL)),
        *("-o", str(program), str(_SOURCES / source), *(str(path) for path in sources)),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    return program


def _run(command: list[str]) -> str:
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Arm assembly, one instruction a statement, to code and to programs for QEMU's boards."""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.cmake_builds import find_program

_MACHINE = ("-mcpu=cortex-m7", "-mthumb", "-mfpu=fpv5-d16", "-mfloat-abi=hard")
_HEAD = ".syntax unified\n.thumb\n.text\n"


def assemble(text: str, folder: Path) -> bytes:
    """The machine code of statements that are separated by semicolons or lines."""
    compiled, code = folder / "code.o", folder / "code.bin"
    _compile(text, folder, "-c", "-o", str(compiled))
    copy = (find_program("arm-none-eabi-objcopy"), "-O", "binary", "-j", ".text")
    subprocess.run([*copy, compiled, code], check=True, timeout=60)
    return code.read_bytes()


def link_program(text: str, folder: Path) -> Path:
    """A program whose code begins at address 0, with its own vectors."""
    program = folder / "program.elf"
    _compile(text, folder, "-nostdlib", "-Wl,-Ttext=0,-e,0", "-o", str(program))
    return program


def _compile(text: str, folder: Path, *arguments: str) -> None:
    source = folder / "code.s"
    source.write_text(_HEAD + text + "\n", encoding="ascii")
    command = [find_program("arm-none-eabi-gcc"), *_MACHINE, str(source), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr

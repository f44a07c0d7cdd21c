# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Functions by address, from a linked image."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from microtvm_project.elf import read_image
from support.cmake_builds import find_program

from microtvm.project.function_names import FunctionNames

_SOURCE = """
__attribute__((noinline)) int half(int i) { return i / 2; }
int start(int i) { return half(i) + 1; }
"""


@pytest.mark.arm
def test_every_address_of_a_function(tmp_path: Path) -> None:
    source, image = tmp_path / "program.c", tmp_path / "program.elf"
    source.write_text(_SOURCE)
    flags = ("-mcpu=cortex-m4", "-mthumb", "-O1", "-nostdlib", "-Wl,-e,start")
    command = [find_program("arm-none-eabi-gcc"), *flags, "-o", str(image), str(source)]
    subprocess.run(command, check=True, timeout=60)
    names = FunctionNames(image)
    half, start = sorted(read_image(image).functions(), key=lambda function: function.name)
    assert names(half.address) == names(half.address + half.size - 1) == "half"
    assert names(start.address) == "start"
    assert names(0x90000000) == ""


def test_no_image(tmp_path: Path) -> None:
    assert FunctionNames(tmp_path / "none.elf")(0x100) == ""
    (tmp_path / "other.elf").write_bytes(b"no ELF file")
    assert FunctionNames(tmp_path / "other.elf")(0x100) == ""

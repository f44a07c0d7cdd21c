# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A board as a configured build describes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.boards import Board, MemoryRegion, Qemu
from microtvm_project.build_info import ProjectInfo
from microtvm_project.builder import Project
from microtvm_project.built_board import BOARD_FILE, load_built_board
from microtvm_project.errors import BoardError
from microtvm_project.options import OptionValues

# As zephyr_app/zephyr/board_facts.cmake writes it.
FACTS = """schema = 1
name = "lone@B/m4"
description = "lone@B/m4, as Zephyr 3.7.0 knows it"
platforms = ["zephyr"]

[core]
cpu = "cortex-m4"
fpu = "single"
clock_hz = 0

[console]
baudrate = 115200

[zephyr]
board = "lone@B/m4"
board_hwmv2 = "lone@B/m4"

[[memory]]
name = "ram"
kind = "ram"
address = 0x20000000
size = 65536
"""
BOARD = Board(
    name="lone@B/m4",
    description="lone@B/m4, as Zephyr 3.7.0 knows it",
    platforms=("zephyr",),
    cpu="cortex-m4",
    fpu="single",
    clock_hz=0,
    memory=(MemoryRegion("ram", "ram", 0x2000_0000, 65536),),
    baudrate=115200,
    zephyr_board="lone@B/m4",
    zephyr_board_hwmv2="lone@B/m4",
)
RUN = "COMMAND = cd /b && /usr/bin/qemu-system-arm -cpu cortex-m3 {} -nographic\n"


def test_what_a_build_says(tmp_path: Path) -> None:
    (tmp_path / BOARD_FILE).write_text(FACTS)
    assert load_built_board(tmp_path) == BOARD
    (tmp_path / "build.ninja").write_text("rule x\n" + RUN.format("-m 16"))
    assert load_built_board(tmp_path).qemu is None


@pytest.mark.parametrize("machine", ["-machine lm3s6965evb", "-m 16 -M lm3s6965evb"])
def test_a_board_that_qemu_plays(tmp_path: Path, machine: str) -> None:
    (tmp_path / BOARD_FILE).write_text(FACTS)
    (tmp_path / "build.ninja").write_text("rule x\n" + RUN.format(machine))
    assert load_built_board(tmp_path).qemu == Qemu("lm3s6965evb", 0)


def test_before_the_build(tmp_path: Path) -> None:
    info = ProjectInfo("zephyr", "lone", "host_driven", (), OptionValues({}))
    with pytest.raises(BoardError, match="Only Zephyr knows this project's board") as caught:
        assert Project(tmp_path, info, None).board
    assert caught.value.hint == "build the project first"

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards that Zephyr knows and boards/ does not, from their names to a session."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.boards import Board, MemoryRegion
from microtvm_project.builder import load_project
from microtvm_project.layout import find_layout
from support.archives import write_stub_archive

from microtvm.errors import BoardError, UnknownBoardError
from microtvm.project.project import GeneratedProject, create_project

pytestmark = pytest.mark.zephyr


def create(folder: Path, board: str, **options: str) -> GeneratedProject:
    archive = write_stub_archive(folder / "stub.tar")
    return create_project(
        folder / "project", archive, {"platform": "zephyr", "board": board, **options}
    )


def board_of(project: GeneratedProject) -> Board:
    return load_project(find_layout(project.folder)).board


def test_a_board_that_qemu_plays(tmp_path: Path) -> None:
    project = create(tmp_path, "qemu_cortex_m3")
    with pytest.raises(BoardError, match="it was not asked yet"):
        board_of(project)
    project.build()
    board = board_of(project)
    assert (board.cpu, board.fpu, board.clock_hz) == ("cortex-m3", "none", 12_000_000)
    assert board.memory == (
        MemoryRegion("flash", "flash", 0, 256 * 1024),
        MemoryRegion("ram", "ram", 0x2000_0000, 64 * 1024),
    )
    flash, ram = project.memory_report()
    assert (flash.size, ram.size) == (256 * 1024, 64 * 1024)
    assert {"code of stub", "constants of stub"} <= {part.name for part in flash.parts}
    project.flash()
    with project.open_session() as session:
        assert session.device_info().board == "qemu_cortex_m3"
        shape = session.model.tensors[session.model.inputs[0]].shape
        values = np.arange(-4, 4, dtype=np.int8)
        session.set_input(0, values.reshape(shape))
        session.run()
        positive = np.maximum(values, 0)
        assert session.get_output(0).ravel().tolist() == (positive + positive[::-1]).tolist()


def test_a_real_board(tmp_path: Path) -> None:
    modules = re.split("[;:]", os.environ.get("ZEPHYR_MODULES", ""))
    if not any(Path(path).name == "stm32" for path in modules):
        pytest.skip("nucleo_f429zi needs the module hal/stm32 in ZEPHYR_MODULES")
    project = create(tmp_path, "nucleo_f429zi", pool_regions="global_workspace=ccm")
    project.build()
    board = board_of(project)
    assert (board.cpu, board.fpu, board.clock_hz) == ("cortex-m4", "single", 168_000_000)
    assert (board.baudrate, board.qemu, board.usb_ids) == (115_200, None, ())
    sizes = {region.name: (region.address, region.size) for region in board.memory}
    assert sizes == {
        "flash": (0x0800_0000, 2048 * 1024),
        "ram": (0x2000_0000, 192 * 1024),
        "ccm": (0x1000_0000, 64 * 1024),
        "backup_sram": (0x4002_4000, 4 * 1024),
    }
    used = {memory.name: memory.used for memory in project.memory_report()}
    assert used["ccm"] == 32
    bound = project.stack_report().bound
    assert bound is not None
    assert bound < 2048


def test_a_name_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(UnknownBoardError, match="'nucleo_f429z' is not known") as caught:
        create(tmp_path, "nucleo_f429z")
    assert caught.value.hint.startswith("nucleo_f429zi")


def test_a_board_that_is_no_arm(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="'qemu_riscv32' has the architecture riscv"):
        create(tmp_path, "qemu_riscv32")


def test_an_arm_that_is_no_cortex_m(tmp_path: Path) -> None:
    project = create(tmp_path, "qemu_cortex_r5")
    with pytest.raises(Exception, match="has no Arm Cortex-M core"):
        project.build()

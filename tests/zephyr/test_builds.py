# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The application by itself, with the stub model, on the boards that QEMU does not play."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.boards import load_board
from microtvm_project.stack.measure import measure_stack
from support.zephyr import APP, ROOT, build, settings

pytestmark = pytest.mark.zephyr


@pytest.mark.parametrize("board", ["nucleo_f746zg", "nucleo_l4r5zi"])
@pytest.mark.parametrize("program", ["host_driven", "standalone"])
def test_boards_build_at_their_rated_clock(tmp_path: Path, board: str, program: str) -> None:
    elf = build(APP, tmp_path, BOARD=board, EXTRA_CONF_FILE=f"{program}.conf")
    chosen = settings(tmp_path)
    clock = load_board(ROOT / "boards" / board).clock_hz
    assert elf.is_file()
    assert chosen["CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC"] == str(clock)
    assert chosen[f"CONFIG_MICROTVM_{program.upper()}"] == "y"
    for name in ("FPU", "TIMING_FUNCTIONS", "HW_STACK_PROTECTION", "SPEED_OPTIMIZATIONS"):
        assert chosen[f"CONFIG_{name}"] == "y"
    report = measure_stack(elf, tmp_path, "zephyr", "single", ("stub",))
    assert report.bound is not None, report.program.problem
    assert report.bound <= report.configured


def test_debug_settings_build(tmp_path: Path) -> None:
    board = "nucleo_l4r5zi"
    assert build(APP, tmp_path, BOARD=board, EXTRA_CONF_FILE="debug.conf").is_file()
    assert settings(tmp_path)["CONFIG_ASSERT"] == "y"

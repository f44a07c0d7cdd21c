# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The application by itself, with the stub model, on the boards that QEMU does not play."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from microtvm_project.boards import Board, list_boards, load_board
from microtvm_project.stack.measure import measure_stack
from support.zephyr import APP, ROOT, build, settings

pytestmark = pytest.mark.zephyr

BOARDS = [load_board(ROOT / "boards" / name) for name in list_boards(ROOT / "boards")]
# By the beginning of a board's name the folder of its vendor's module, which Zephyr asks for.
VENDORS = {"nucleo": "stm32", "stm32": "stm32", "nrf": "nordic", "mimxrt": "nxp", "frdm": "nxp"}


def require_module(board: Board) -> None:
    """Skips where the vendor's module is not among ZEPHYR_MODULES."""
    module = next(name for start, name in VENDORS.items() if board.name.startswith(start))
    modules = re.split("[;:]", os.environ.get("ZEPHYR_MODULES", ""))
    if not any(Path(path).name == module for path in modules):
        pytest.skip(f"{board.name} needs the module hal/{module} in ZEPHYR_MODULES")


def console_rate(folder: Path) -> int:
    """Bits a second of the UART that the devicetree chooses."""
    tree = (folder / "zephyr" / "zephyr.dts").read_text(encoding="utf-8")
    chosen = re.search(r"zephyr,console = &(\w+);", tree)
    assert chosen is not None
    rate = re.search(
        rf"\b{chosen[1]}: [^{{]*{{[^}}]*current-speed = < (0x[0-9a-f]+) >", tree, re.DOTALL
    )
    assert rate is not None
    return int(rate[1], 16)


@pytest.mark.parametrize("board", [b for b in BOARDS if b.qemu is None], ids=lambda b: b.name)
@pytest.mark.parametrize("program", ["host_driven", "standalone"])
def test_boards_build_as_their_data_say(tmp_path: Path, board: Board, program: str) -> None:
    require_module(board)
    elf = build(APP, tmp_path, BOARD=board.zephyr_board, EXTRA_CONF_FILE=f"{program}.conf")
    chosen = settings(tmp_path)
    # Nordic's system clock is a slow one beside the core's.
    if not board.name.startswith("nrf"):
        assert chosen["CONFIG_SYS_CLOCK_HW_CYCLES_PER_SEC"] == str(board.clock_hz)
    assert console_rate(tmp_path) == board.baudrate
    assert chosen[f"CONFIG_CPU_CORTEX_{board.cpu.partition('-')[2].upper()}"] == "y"
    assert chosen[f"CONFIG_MICROTVM_{program.upper()}"] == "y"
    for name in ("FPU", "TIMING_FUNCTIONS", "HW_STACK_PROTECTION", "SPEED_OPTIMIZATIONS"):
        assert chosen[f"CONFIG_{name}"] == "y"
    report = measure_stack(elf, tmp_path, "zephyr", board.fpu, ("stub",))
    assert report.bound is not None, report.program.problem
    assert report.bound <= report.configured


def test_debug_settings_build(tmp_path: Path) -> None:
    board = "nucleo_l4r5zi"
    assert build(APP, tmp_path, BOARD=board, EXTRA_CONF_FILE="debug.conf").is_file()
    assert settings(tmp_path)["CONFIG_ASSERT"] == "y"

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a model takes of each memory, and models that a board has no room for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from microtvm_project.boards import Board, MemoryRegion, find_board
from microtvm_project.errors import CapacityError
from support.archives import ROOT
from support.planned_models import two_pool_model

from microtvm.cli.memory_table import memory_table
from microtvm.report.model_memory import check_model_fits, model_memory

MODEL = two_pool_model()


def _board(flash: int, ram: int, dtcm: int) -> Board:
    return replace(
        find_board(ROOT / "boards", "nucleo_f746zg"),
        memory=(
            MemoryRegion("flash", "flash", 0x08000000, flash),
            MemoryRegion("ram", "ram", 0x20010000, ram),
            MemoryRegion("dtcm", "ram", 0x20000000, dtcm),
        ),
    )


def test_without_a_board_all_is_in_flash_and_ram() -> None:
    assert memory_table(model_memory(MODEL)).splitlines() == [
        "memory                               used",
        "----------------------------------  -----",
        "flash                               5,000",
        "  constants                         5,000",
        "  code, known when it is built          -",
        "RAM                                 2,156",
        "  pool global_workspace             1,200",
        "    in it inputs                      400",
        "  pool dtcm                           256",
        "    in it outputs                      10",
        "    in it scratch, at most            256",
        "  stack of an inference, estimated    700",
    ]


def test_pools_are_in_the_regions_of_their_names() -> None:
    lines = memory_table(model_memory(MODEL, _board(8000, 4000, 2000))).splitlines()
    assert [line.split()[:4] for line in lines if not line.startswith(" ")][2:] == [
        ["flash", "5,000", "8,000", "3,000"],
        ["ram", "1,900", "4,000", "2,100"],
        ["dtcm", "1,172", "2,000", "828"],
    ]
    assert "  constants in dtcm                   916" in lines


def test_a_constant_pool_in_another_flash_is_not_in_the_first() -> None:
    board = _board(8000, 4000, 2000)
    memory = replace(MODEL.memory, constant_pools=(replace(MODEL.memory.constant_pools[0]),))
    memory = replace(memory, constant_pools=(replace(memory.constant_pools[0], name="qspi"),))
    qspi = MemoryRegion("qspi", "flash", 0x90000000, 4096)
    board = replace(board, memory=(*board.memory, qspi))
    used = {use.name: use.used for use in model_memory(replace(MODEL, memory=memory), board)}
    assert (used["flash"], used["qspi"], used["dtcm"]) == (4084, 916, 256)


def test_what_fits_to_the_byte_is_taken() -> None:
    board = _board(5000, 1200, 1172)
    check_model_fits(MODEL, board)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        (
            (4999, 4000, 2000),
            r"flash would take 5,000 bytes \(constants 5,000\)\n  expected: at most 4,999 bytes",
        ),
        (
            (8000, 1199, 1171),
            r"ram would take 1,200 bytes \(pool global_workspace 1,200\); dtcm would take 1,172"
            r" bytes \(constants in dtcm 916, pool dtcm 256\)\n"
            r"  expected: at most 1,199 bytes in ram, 1,171 bytes in dtcm\n",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_numbers(sizes: tuple[int, int, int], told: str) -> None:
    board = _board(*sizes)
    with pytest.raises(CapacityError, match=f"The model does not fit board nucleo_f746zg: {told}"):
        check_model_fits(MODEL, board)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""In which memory regions of a board an image has its pools and the models' arrays."""

from __future__ import annotations

from microtvm_project.boards import Board
from microtvm_project.elf import Image


def places(image: Image, board: Board, prefixes: tuple[str, ...] = ("tvmgen_",)) -> dict[str, str]:
    """The region of each pool's memory, and of each array with such a name, by its name."""
    return {
        symbol.name: region_at(board, symbol.address)
        for symbol in image.symbols
        if symbol.kind == "object"
        and symbol.name.startswith(("pool_", *prefixes))
        and not symbol.name.endswith("_model")
    }


def region_at(board: Board, address: int) -> str:
    (found,) = (region for region in board.memory if region.address <= address < region.end)
    return found.name

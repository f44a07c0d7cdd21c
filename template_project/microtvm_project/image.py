# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Looks into a linked image (ELF): what it puts where, and whether the board has room for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.contents import largest_symbols
from microtvm_project.elf import read_image
from microtvm_project.errors import BuildError, CapacityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from microtvm_project.boards import Board, MemoryRegion
    from microtvm_project.elf import Segment, Symbol


@dataclass(frozen=True)
class RegionUse:
    """How much of a memory region an image takes."""

    region: MemoryRegion
    used: int


def check_image(image: Path, board: Board) -> tuple[RegionUse, ...]:
    """What the image takes of each memory region of the board.

    Raises:
        BuildError: there is no image, something lies outside every region, or a region is too
            small.
    """
    return measure(read_image(image).segments, board)


def measure(
    segments: Iterable[Segment], board: Board, symbols: Sequence[Symbol] = ()
) -> tuple[RegionUse, ...]:
    """The same, from segments. `symbols` are those that a refusal may name."""
    used = {region.name: 0 for region in board.memory}
    for segment in segments:
        places = [(segment.run_address, segment.run_size)]
        if segment.load_address != segment.run_address:
            places.append((segment.load_address, segment.load_size))
        for address, size in places:
            if size:
                used[_find_region(address, size, board, symbols)] += size
    return tuple(RegionUse(region, used[region.name]) for region in board.memory)


def _find_region(address: int, size: int, board: Board, symbols: Sequence[Symbol]) -> str:
    for region in board.memory:
        if region.address <= address < region.end:
            if address + size <= region.end:
                return region.name
            own = [each for each in symbols if address <= each.address < address + size]
            told = ", ".join(f"{part.name} {part.size:,}" for part in largest_symbols(own))
            raise CapacityError(
                f"The image does not fit: {size:,} bytes at {address:#010x} end"
                f" {address + size - region.end:,} bytes after region {region.name}"
                f" of board {board.name}{f'; the largest: {told}' if told else ''}",
                expected=f"at most {region.size:,} bytes from {region.address:#010x}",
                hint="a smaller model, workspace or stack, or a larger board",
            )
    regions = ", ".join(f"{r.name} {r.address:#010x} to {r.end:#010x}" for r in board.memory)
    raise BuildError(
        f"The image has {size} bytes at {address:#010x}, where board {board.name} has no memory",
        expected=regions,
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Looks into a linked image (ELF): what it puts where, and whether the board has room for it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from microtvm_project.boards import Board, MemoryRegion

_MAX_IMAGE_BYTES = 256 << 20
_MAGIC = b"\x7fELF\x01\x01\x01"
_MACHINE_ARM = 40
_TYPE_LOAD = 1
_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_SEGMENT = struct.Struct("<IIIIIIII")


@dataclass(frozen=True)
class Segment:
    """A part of the image: where it is when the program runs, and where it is stored."""

    run_address: int
    run_size: int
    load_address: int
    load_size: int


@dataclass(frozen=True)
class RegionUse:
    """How much of a memory region an image takes."""

    region: MemoryRegion
    used: int

    def __str__(self) -> str:
        return f"{self.region.name}: {self.used} of {self.region.size} bytes"


def read_segments(image: Path) -> tuple[Segment, ...]:
    """The loadable segments of a 32-bit little-endian Arm ELF file.

    Raises:
        BuildError: there is no such file, or it is of another kind.
    """
    try:
        if image.stat().st_size > _MAX_IMAGE_BYTES:
            raise BuildError(f"{image} is too large", expected=f"at most {_MAX_IMAGE_BYTES} bytes")
        data = image.read_bytes()
    except OSError as error:
        raise BuildError(
            f"Cannot read {image}: {error.strerror}", hint="build the project first"
        ) from error
    try:
        return _parse_segments(data)
    except (struct.error, ValueError) as error:
        raise BuildError(
            f"{image} is not an image for a 32-bit Arm core",
            expected="an ELF file",
            hint="build the project again",
        ) from error


def check_image(image: Path, board: Board) -> tuple[RegionUse, ...]:
    """What the image takes of each memory region of the board.

    Raises:
        BuildError: something lies outside every region, or a region is too small.
    """
    return measure(read_segments(image), board)


def measure(segments: Iterable[Segment], board: Board) -> tuple[RegionUse, ...]:
    """The same, from segments."""
    used = {region.name: 0 for region in board.memory}
    for segment in segments:
        stored_apart = segment.load_address != segment.run_address
        if segment.run_size:
            region = _find_region(segment.run_address, segment.run_size, board)
            used[region.name] += segment.run_size
        if segment.load_size and stored_apart:
            region = _find_region(segment.load_address, segment.load_size, board)
            used[region.name] += segment.load_size
    return tuple(RegionUse(region, used[region.name]) for region in board.memory)


def describe(uses: Sequence[RegionUse]) -> str:
    """The uses in one line."""
    return ", ".join(str(use) for use in uses)


def _parse_segments(data: bytes) -> tuple[Segment, ...]:
    header = _HEADER.unpack_from(data)
    if not header[0].startswith(_MAGIC) or header[2] != _MACHINE_ARM:
        raise ValueError("another kind of file")
    offset, size, count = header[5], header[9], header[10]
    segments = []
    for number in range(count):
        kind, start, run, load, stored, taken, _, _ = _SEGMENT.unpack_from(
            data, offset + number * size
        )
        if start + stored > len(data):
            raise ValueError("a segment goes beyond the end of the file")
        if kind == _TYPE_LOAD and taken:
            segments.append(Segment(run, taken, load, stored))
    return tuple(segments)


def _find_region(address: int, size: int, board: Board) -> MemoryRegion:
    for region in board.memory:
        if region.address <= address < region.end:
            if address + size <= region.end:
                return region
            raise BuildError(
                f"The image does not fit: {size} bytes at {address:#010x} end"
                f" {address + size - region.end} bytes after region {region.name}"
                f" of board {board.name}",
                expected=f"at most {region.size} bytes from {region.address:#010x}",
                hint="a smaller model, workspace or stack, or a larger board",
            )
    regions = ", ".join(f"{r.name} {r.address:#010x} to {r.end:#010x}" for r in board.memory)
    raise BuildError(
        f"The image has {size} bytes at {address:#010x}, where board {board.name} has no memory",
        expected=regions,
    )

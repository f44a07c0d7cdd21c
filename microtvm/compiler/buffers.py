# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a memory plan places, and which of it may share bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ALIGNMENT = 16


@dataclass(frozen=True)
class Buffer:
    """Memory that the generated code reads or writes, besides the C stack.

    Attributes:
        size: bytes, at least 1.
        first, last: the layers, counted from 1, in which it must be whole; both included. 0 is
            before the first layer, layer count + 1 after the last.
    """

    name: str
    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are alive in some layer."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Overlap:
    """How two buffers may share bytes, such as a layer's output and an input nobody reads after it.

    Their distance is the first one's offset less the second one's, the input's less the output's.
    Where they do not touch, any will do.

    Attributes:
        least, most: distances that are safe, bytes, both included; `most` is None where every
            larger one is safe.
    """

    least: int
    most: int | None = None


# The places of two buffers in a list.
Pair = tuple[int, int]
# Of pairs that may share bytes; the second one begins in a layer in which the first one is there.
Overlaps = Mapping[Pair, Sequence[Overlap]]


def part_of(
    buffers: Sequence[Buffer], overlaps: Overlaps, members: Sequence[int]
) -> tuple[list[Buffer], Overlaps]:
    """Some of the buffers, and the overlaps among them by their places in that list."""
    place = {index: position for position, index in enumerate(members)}
    kept = {
        (place[one], place[other]): overlap
        for (one, other), overlap in overlaps.items()
        if one in place and other in place
    }
    return [buffers[index] for index in members], kept


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE's arguments and masks as one range a dimension of the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SliceArguments:
    """What the model file has; a mask is a set of bits, one an entry of `begin`."""

    begin: Sequence[int]
    end: Sequence[int]
    strides: Sequence[int]
    begin_mask: int = 0
    end_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0
    shrink_axis_mask: int = 0


@dataclass(frozen=True)
class SliceRange:
    """`extent` elements from `begin`, each `stride` after the last."""

    begin: int
    stride: int
    extent: int

    def end(self, size: int) -> int:
        """The end as Python's slices have it, for a dimension of `size`."""
        last = self.begin + self.stride * (self.extent - 1)
        if self.stride > 0:
            return last + 1
        return last - 1 if last > 0 else -size - 1


def slice_ranges(shape: Sequence[int], arguments: SliceArguments) -> tuple[SliceRange, ...]:
    """One range a dimension of `shape`.

    Raises:
        ValueError: a stride of 0, an empty range, an index out of range where a dimension is
            dropped, or more entries than dimensions.
    """
    if not len(arguments.begin) == len(arguments.end) == len(arguments.strides):
        raise ValueError("a slice whose lists differ in length")
    entries = _entry_of_dimension(len(shape), arguments)
    return tuple(
        SliceRange(0, 1, size) if entry is None else _range(size, entry, arguments)
        for size, entry in zip(shape, entries, strict=True)
    )


def sliced_shape(shape: Sequence[int], arguments: SliceArguments) -> tuple[int, ...]:
    """The output's shape: no dimension for an index, and one of 1 for each new axis.

    Raises:
        ValueError: as slice_ranges.
    """
    ranges = slice_ranges(shape, arguments)
    entries = _entry_of_dimension(len(shape), arguments)
    kept = [
        part.extent
        for part, entry in zip(ranges, entries, strict=True)
        if entry is None or not arguments.shrink_axis_mask >> entry & 1
    ]
    for position in _new_axes(len(shape), arguments):
        kept.insert(position, 1)
    return tuple(kept)


def _new_axes(rank: int, arguments: SliceArguments) -> list[int]:
    """Where in the output, from the left, each new axis comes."""
    positions = []
    place = 0
    entries = [entry for entry in _entry_of_dimension(rank, arguments) if entry is not None]
    whole = rank - len(entries)
    for i in range(len(arguments.begin)):
        if arguments.ellipsis_mask >> i & 1:
            place += whole
        elif arguments.new_axis_mask >> i & 1:
            positions.append(place)
            place += 1
        else:
            place += not arguments.shrink_axis_mask >> i & 1
    return positions


def _entry_of_dimension(rank: int, arguments: SliceArguments) -> list[int | None]:
    """The entry that is about each dimension; None where the dimension is taken whole."""
    count = len(arguments.begin)
    is_ellipsis = [bool(arguments.ellipsis_mask >> i & 1) for i in range(count)]
    consuming = [
        i for i in range(count) if not is_ellipsis[i] and not arguments.new_axis_mask >> i & 1
    ]
    whole = rank - len(consuming)
    if whole < 0 or sum(is_ellipsis) > 1:
        raise ValueError(f"a slice of {count} entries of a tensor of rank {rank}")
    position = is_ellipsis.index(True) if any(is_ellipsis) else count
    before: list[int | None] = [i for i in consuming if i < position]
    return [*before, *[None] * whole, *(i for i in consuming if i > position)]


def _range(size: int, entry: int, arguments: SliceArguments) -> SliceRange:
    begin, end, stride = (
        int(part[entry]) for part in (arguments.begin, arguments.end, arguments.strides)
    )
    if stride == 0:
        raise ValueError("a slice with a stride of 0")
    if arguments.shrink_axis_mask >> entry & 1:
        if stride < 0:
            raise ValueError(f"an index with the stride {stride}")
        return _single(size, begin, masked=bool(arguments.begin_mask >> entry & 1))
    start = None if arguments.begin_mask >> entry & 1 else begin
    stop = None if arguments.end_mask >> entry & 1 else end
    taken = range(*slice(start, stop, stride).indices(size))
    if not taken:
        raise ValueError(f"an empty slice {begin}:{end}:{stride} of a dimension of {size}")
    # One element has no next one, however far away.
    return SliceRange(taken.start, stride if len(taken) > 1 else 1, len(taken))


def _single(size: int, begin: int, *, masked: bool) -> SliceRange:
    index = 0 if masked else begin + size if begin < 0 else begin
    if not 0 <= index < size:
        raise ValueError(f"index {begin} of a dimension of {size}")
    return SliceRange(index, 1, 1)

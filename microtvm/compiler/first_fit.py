# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Offsets by first fit: buffers one after the other, each as low as those before it allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microtvm.compiler.offset_problem import FAR, Interval, OffsetProblem

# What may lie between an offset and that of a buffer, by the buffer.
_Neighbours = Sequence[Mapping[int, tuple[Interval, ...]]]


def first_fit(problem: OffsetProblem, order: Sequence[int]) -> tuple[int, ...]:
    """Places the buffers in this order."""
    neighbours = _neighbours(problem)
    offsets: dict[int, int] = {}
    for index in order:
        ranges = [
            (offsets[other], intervals)
            for other, intervals in neighbours[index].items()
            if other in offsets
        ]
        offsets[index] = _lowest(ranges)
    return tuple(offsets[index] for index in range(len(problem.sizes)))


def _neighbours(problem: OffsetProblem) -> _Neighbours:
    neighbours: list[dict[int, tuple[Interval, ...]]] = [{} for _ in problem.sizes]
    for (one, other), intervals in problem.distances.items():
        neighbours[one][other] = intervals
        neighbours[other][one] = tuple((-high, -low) for low, high in reversed(intervals))
    return neighbours


def _lowest(ranges: Sequence[tuple[int, tuple[Interval, ...]]]) -> int:
    """The lowest offset whose distance from each neighbour is in one of its intervals."""
    offset, moved = 0, True
    while moved:
        moved = False
        for start, intervals in ranges:
            lowest = min(
                max(offset, start + low) for low, high in intervals if start + high >= offset
            )
            moved = moved or lowest > offset
            offset = lowest
    assert offset < FAR
    return offset

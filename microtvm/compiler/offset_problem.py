# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Where buffers may lie relative to each other, in units of the alignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlap, Overlaps, Pair

# Larger than any distance in a workspace.
FAR = 1 << 40
# Both ends included.
Interval = tuple[int, int]


@dataclass(frozen=True)
class OffsetProblem:
    """Offsets are sought so that every pair keeps to its distances.

    Attributes:
        sizes: of each buffer.
        distances: for buffers one < other that meet, what the offset of `one` less that of `other`
            may be; sorted, and apart from each other.
        bound: no smaller workspace holds the fullest layer.
    """

    sizes: tuple[int, ...]
    distances: Mapping[Pair, tuple[Interval, ...]]
    bound: int


def offset_problem(buffers: Sequence[Buffer], overlaps: Overlaps) -> OffsetProblem:
    """States the problem."""
    sizes = tuple(-(-buffer.size // ALIGNMENT) for buffer in buffers)
    distances: dict[Pair, tuple[Interval, ...]] = {}
    for other, buffer in enumerate(buffers):
        for one in range(other):
            if buffers[one].meets(buffer):
                intervals = [(-FAR, -sizes[one]), (sizes[other], FAR)]
                intervals += map(_in_units, overlaps.get((one, other), ()))
                reverse = map(_in_units, overlaps.get((other, one), ()))
                intervals += [(-high, -low) for low, high in reverse]
                distances[one, other] = merged(intervals)
    layers = {buffer.first for buffer in buffers}
    bound = max((_needed(layer, buffers, sizes, overlaps) for layer in layers), default=0)
    return OffsetProblem(sizes, distances, bound)


def needed_bytes(layer: int, buffers: Sequence[Buffer], overlaps: Overlaps) -> int:
    """The least workspace that holds the buffers of one layer."""
    sizes = [-(-buffer.size // ALIGNMENT) for buffer in buffers]
    return _needed(layer, buffers, sizes, overlaps) * ALIGNMENT


def _in_units(overlap: Overlap) -> Interval:
    high = FAR if overlap.most is None else overlap.most // ALIGNMENT
    return -(-overlap.least // ALIGNMENT), high


def merged(intervals: Sequence[Interval]) -> tuple[Interval, ...]:
    """The same values as intervals that are sorted and apart from each other."""
    apart: list[Interval] = []
    for low, high in sorted(interval for interval in intervals if interval[0] <= interval[1]):
        if apart and low <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(high, apart[-1][1]))
        else:
            apart.append((low, high))
    return tuple(apart)


def _needed(layer: int, buffers: Sequence[Buffer], sizes: Sequence[int], overlaps: Overlaps) -> int:
    """What the buffers of one layer need at least."""
    alive = [i for i, buffer in enumerate(buffers) if buffer.first <= layer <= buffer.last]
    pairs = [pair for pair in overlaps if set(pair) <= set(alive)]
    return needed_units(alive, pairs, sizes, overlaps)


def needed_units(
    alive: Sequence[int], pairs: Sequence[Pair], sizes: Sequence[int], overlaps: Overlaps
) -> int:
    """What buffers that are alive in one layer need at least, in units of the alignment.

    Args:
        pairs: of `overlaps`, those of which both are alive.
    """
    total = sum(sizes[i] for i in alive)
    # Without the second ones of all pairs, those that are left are apart from each other.
    inputs = total - sum(sizes[output] for output in {output for _, output in pairs})
    shared = sum(
        max(
            _most_shared(sizes[source], sizes[output], _in_units(overlap))
            for overlap in overlaps[source, output]
        )
        for source, output in pairs
    )
    return max(inputs, total - shared)


def _most_shared(source: int, output: int, overlap: Interval) -> int:
    """The most that two buffers of these sizes have in common."""
    low, high = overlap
    if low > high:
        return 0
    # From here to there the smaller one lies inside the larger one.
    here, there = sorted((0, output - source))
    distance = min(max(here, low), high) if high < there else max(here, low)
    return max(0, min(distance + source, output) - max(distance, 0))

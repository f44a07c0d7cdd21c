# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Offsets in a workspace of a given size, by branch and bound over the distances of pairs.

Each offset has a lowest and a highest value. A pair of which one interval of distances is left
moves those of both; where none is left, a branch ends; where the lowest values fit all pairs, they
are the solution.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.buffers import Pair
from microtvm.compiler.offset_problem import Interval, OffsetProblem


class Outcome(enum.Enum):
    """How a search without a solution ended."""

    IMPOSSIBLE = "there is no solution"
    STOPPED = "there were too many branches"


@dataclass
class _Branch:
    """What is left of the offsets and distances."""

    lowest: list[int]
    highest: list[int]
    distances: dict[Pair, tuple[Interval, ...]]


def search_offsets(
    problem: OffsetProblem, size: int, most_branches: int
) -> tuple[int, ...] | Outcome:
    """Offsets with which all buffers end at or before `size`."""
    highest = [size - own for own in problem.sizes]
    branches = [_Branch([0] * len(highest), highest, dict(problem.distances))]
    for _ in range(most_branches):
        if not branches:
            return Outcome.IMPOSSIBLE
        branch = branches.pop()
        if not _tighten(branch):
            continue
        pair = _next_pair(branch, problem.sizes)
        if pair is None:
            return tuple(branch.lowest)
        # The last one is looked at first: the earlier buffer above the later one.
        for interval in branch.distances[pair]:
            distances = {**branch.distances, pair: (interval,)}
            branches.append(_Branch(list(branch.lowest), list(branch.highest), distances))
    return Outcome.STOPPED


def _tighten(branch: _Branch) -> bool:
    """Drops distances out of reach, and moves the ends of the offsets; False if nothing is left."""
    lowest, highest = branch.lowest, branch.highest
    if any(low > high for low, high in zip(lowest, highest, strict=True)):
        return False
    moved = True
    while moved:
        moved = False
        for (one, other), intervals in branch.distances.items():
            least, most = lowest[one] - highest[other], highest[one] - lowest[other]
            left = [pair for pair in intervals if pair[0] <= most and pair[1] >= least]
            if not left:
                return False
            if len(left) < len(intervals):
                branch.distances[one, other] = tuple(left)
            low, high = left[0][0], left[-1][1]
            if low > least or high < most:
                moved = _move(branch, one, other, low, high) or moved
            if lowest[one] > highest[one] or lowest[other] > highest[other]:
                return False
    return True


def _move(branch: _Branch, one: int, other: int, low: int, high: int) -> bool:
    """Keeps the offset of `one` less that of `other` between two values; True if one moved."""
    lowest, highest = branch.lowest, branch.highest
    before = lowest[one], lowest[other], highest[one], highest[other]
    lowest[one] = max(lowest[one], lowest[other] + low)
    highest[other] = min(highest[other], highest[one] - low)
    lowest[other] = max(lowest[other], lowest[one] - high)
    highest[one] = min(highest[one], highest[other] + high)
    return before != (lowest[one], lowest[other], highest[one], highest[other])


def _next_pair(branch: _Branch, sizes: Sequence[int]) -> Pair | None:
    """The largest pair that the lowest offsets do not fit."""
    wrong = [
        pair
        for pair, intervals in branch.distances.items()
        if not any(
            low <= branch.lowest[pair[0]] - branch.lowest[pair[1]] <= high
            for low, high in intervals
        )
    ]
    return max(wrong, key=lambda pair: min(sizes[pair[0]], sizes[pair[1]]), default=None)

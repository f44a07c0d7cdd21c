# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which buffer goes to which pool: those that save most cycles a byte to the fastest with room.

A pool holds buffers if, in each layer, those that are alive need no more than its size; offsets are
found later, and nearly always reach that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlaps, Pair
from microtvm.compiler.offset_problem import needed_units

# Up to so many assignments all are looked at.
_ALL = 4096
# Buffers placed while a greedy assignment is improved: about two seconds.
_MOST_PLACED = 20_000
# How often a buffer that found no place is placed first; then all go by size.
_MOST_REPAIRS = 50

# Cycles of the core and, among pools that take as many, those that the user named first.
Cost = tuple[float, float]


@dataclass(frozen=True)
class PoolProblem:
    """What is to be assigned.

    Attributes:
        costs: for each buffer, one a pool.
        sizes: bytes of each pool, None where there is no limit.
        barred: buffers with the pools that they may not be in.
    """

    buffers: Sequence[Buffer]
    overlaps: Overlaps
    costs: Sequence[Sequence[Cost]]
    sizes: Sequence[int | None]
    barred: frozenset[tuple[int, int]] = frozenset()


def assign_pools(problem: PoolProblem) -> tuple[int, ...] | None:
    """The pool of each buffer, None if none was found that holds them all.

    Few buffers are assigned as well as can be. For more, a greedy assignment is improved by
    keeping single buffers out of the pool that they would get.
    """
    fits = _Fits(problem)
    if _are_few(problem):
        return _best_of_all(problem, fits)
    best = _repaired(problem, fits)
    return None if best is None else _improved(problem, fits, best)


def some_assignment(problem: PoolProblem) -> tuple[int, ...] | None:
    """Any that holds all buffers; found where `assign_pools` finds one."""
    fits = _Fits(problem)
    if _are_few(problem):
        return _best_of_all(problem, fits)
    found = _repaired(problem, fits)
    return None if found is None else found[1]


def total_cost(problem: PoolProblem, pools: Sequence[int]) -> Cost:
    """Of a whole assignment."""
    costs = [own[pool] for own, pool in zip(problem.costs, pools, strict=True)]
    return sum(cost[0] for cost in costs), sum(cost[1] for cost in costs)


class _Fits:
    """What a pool needs in each layer."""

    def __init__(self, problem: PoolProblem) -> None:
        self._buffers = problem.buffers
        self._sizes = [-(-buffer.size // ALIGNMENT) for buffer in problem.buffers]
        self._overlaps = problem.overlaps
        self._pairs: dict[int, list[Pair]] = {}
        for pair in problem.overlaps:
            self._pairs.setdefault(pair[0], []).append(pair)
        self._barred = problem.barred
        self._limits = [None if size is None else size // ALIGNMENT for size in problem.sizes]

    def takes(self, pool: int, members: Sequence[int], added: int) -> bool:
        """Whether a pool with these members can take one more."""
        limit = self._limits[pool]
        if limit is None or (added, pool) in self._barred:
            return limit is None
        new = self._buffers[added]
        near = [index for index in members if self._buffers[index].meets(new)]
        layers = {max(new.first, self._buffers[index].first) for index in near} | {new.first}
        return all(self._needed((*near, added), layer) <= limit for layer in layers)

    def all(self, pools: Sequence[int]) -> bool:
        """Whether a whole assignment fits."""
        members: dict[int, list[int]] = {pool: [] for pool in pools}
        for index, pool in enumerate(pools):
            if not self.takes(pool, members[pool], index):
                return False
            members[pool].append(index)
        return True

    def _needed(self, members: Iterable[int], layer: int) -> int:
        buffers = self._buffers
        alive = [i for i in members if buffers[i].first <= layer <= buffers[i].last]
        there = set(alive)
        pairs = [pair for i in alive for pair in self._pairs.get(i, ()) if pair[1] in there]
        return needed_units(alive, pairs, self._sizes, self._overlaps)


def _are_few(problem: PoolProblem) -> bool:
    return bool(len(problem.sizes) ** min(len(problem.buffers), _ALL) <= _ALL)


def _best_of_all(problem: PoolProblem, fits: _Fits) -> tuple[int, ...] | None:
    every = itertools.product(range(len(problem.sizes)), repeat=len(problem.buffers))
    ordered = sorted(every, key=lambda pools: total_cost(problem, pools))
    return next((pools for pools in ordered if fits.all(pools)), None)


def _hottest_first(problem: PoolProblem) -> list[int]:
    """By the cycles that the best pool saves over the worst, a byte."""

    def saved(index: int) -> tuple[float, float, int]:
        costs, size = problem.costs[index], problem.buffers[index].size
        best, worst = min(costs), max(costs)
        return (best[0] - worst[0]) / size, (best[1] - worst[1]) / size, -size

    return sorted(range(len(problem.buffers)), key=saved)


def _greedy(
    problem: PoolProblem, fits: _Fits, order: Sequence[int], held_back: frozenset[int]
) -> tuple[int, ...] | int:
    """Each buffer to the cheapest pool that holds it, or the buffer that no pool holds.

    Args:
        held_back: buffers that go to the second one, if there is one.
    """
    members: list[list[int]] = [[] for _ in problem.sizes]
    pools = dict.fromkeys(order, 0)
    for index in order:
        by_cost = sorted(range(len(members)), key=problem.costs[index].__getitem__)
        holding = (pool for pool in by_cost if fits.takes(pool, members[pool], index))
        pool = next(holding, None)
        if pool is None:
            return index
        if index in held_back:
            pool = next(holding, pool)
        members[pool].append(index)
        pools[index] = pool
    return tuple(pools[index] for index in range(len(order)))


def _repaired(problem: PoolProblem, fits: _Fits) -> tuple[list[int], tuple[int, ...]] | None:
    """A greedy assignment, and its order: what found no place before is placed first."""
    order = _hottest_first(problem)
    for _ in range(_MOST_REPAIRS):
        found = _greedy(problem, fits, order, frozenset())
        if not isinstance(found, int):
            return order, found
        order = [found, *(index for index in order if index != found)]
    order = sorted(order, key=lambda index: -problem.buffers[index].size)
    found = _greedy(problem, fits, order, frozenset())
    return None if isinstance(found, int) else (order, found)


def _improved(
    problem: PoolProblem, fits: _Fits, start: tuple[list[int], tuple[int, ...]]
) -> tuple[int, ...]:
    """Holds back single buffers for as long as that saves cycles."""
    order, best = start
    least = tuple(min(costs) for costs in problem.costs)
    held_back: frozenset[int] = frozenset()
    turns = _MOST_PLACED // max(1, len(order))
    waiting = list(order)
    while waiting and turns > 0:
        index = waiting.pop(0)
        # No other assignment is better than one with each buffer where it is best.
        if all(problem.costs[i][pool] == least[i] for i, pool in enumerate(best)):
            break
        turns -= 1
        found = _greedy(problem, fits, order, held_back | {index})
        if not isinstance(found, int) and total_cost(problem, found) < total_cost(problem, best):
            best, held_back = found, held_back | {index}
            waiting = [other for other in order if other not in held_back]
    return best

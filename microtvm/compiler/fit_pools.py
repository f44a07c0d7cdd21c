# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Assigns buffers to pools and finds their offsets, until every pool holds its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.assign_pools import Cost, PoolProblem
from microtvm.compiler.buffers import part_of
from microtvm.compiler.plan_memory import Plan, plan_memory

# Buffers that a pool may turn out not to hold after all.
_MOST_BARRED = 60

Assign = Callable[[PoolProblem], tuple[int, ...] | None]


@dataclass(frozen=True)
class FittedPool:
    """What is in one pool.

    Attributes:
        members: buffers, in the order of those in `plan`.
    """

    members: tuple[int, ...]
    plan: Plan


def fit_pools(problem: PoolProblem, assign: Assign) -> tuple[FittedPool, ...] | None:
    """One entry a pool, or None where no assignment was found that holds all buffers.

    Assignments go by what the fullest layer needs, which a plan may exceed. Then of the buffers
    that are in the way there, the one that costs least elsewhere is barred from that pool.
    """
    plans: dict[tuple[int, ...], Plan] = {}
    for _ in range(_MOST_BARRED):
        fitted = _fitted(problem, assign, plans)
        if fitted is None:
            return None
        full = _too_full(problem, fitted)
        if full is None:
            return _with_fewer_barred(problem, fitted, assign, plans)
        barred = _next_barred(problem, full, fitted[full], assign)
        if barred is None:
            return None
        problem = replace(problem, barred=problem.barred | {barred})
    return None


def _fitted(
    problem: PoolProblem, assign: Assign, plans: dict[tuple[int, ...], Plan]
) -> tuple[FittedPool, ...] | None:
    """Plans of an assignment, of which each is made once."""
    assigned = assign(problem)
    if assigned is None:
        return None
    pools = []
    for pool in range(len(problem.sizes)):
        members = tuple(index for index, own in enumerate(assigned) if own == pool)
        if members not in plans:
            plans[members] = plan_memory(*part_of(problem.buffers, problem.overlaps, members))
        pools.append(FittedPool(members, plans[members]))
    return tuple(pools)


def _too_full(problem: PoolProblem, fitted: Sequence[FittedPool]) -> int | None:
    """The first pool that is smaller than its plan."""
    for pool, (size, entry) in enumerate(zip(problem.sizes, fitted, strict=True)):
        if size is not None and entry.plan.size > size:
            return pool
    return None


def _with_fewer_barred(
    problem: PoolProblem,
    fitted: tuple[FittedPool, ...],
    assign: Assign,
    plans: dict[tuple[int, ...], Plan],
) -> tuple[FittedPool, ...]:
    """Lets in again what was barred before the buffer that mattered."""
    for entry in sorted(problem.barred):
        fewer = replace(problem, barred=problem.barred - {entry})
        found = _fitted(fewer, assign, plans)
        if found is not None and _too_full(fewer, found) is None:
            problem, fitted = fewer, found
    return fitted


def _next_barred(
    problem: PoolProblem, pool: int, fitted: FittedPool, assign: Assign
) -> tuple[int, int] | None:
    """The cheapest buffer without which there is an assignment, None where there is none."""
    for index in _in_the_way(problem, pool, fitted):
        entry = index, pool
        if assign(replace(problem, barred=problem.barred | {entry})) is not None:
            return entry
    return None


def _in_the_way(problem: PoolProblem, pool: int, fitted: FittedPool) -> list[int]:
    """The buffers that end beyond the pool, and those that meet them, by what moving them costs."""
    size = problem.sizes[pool] or 0
    ends = zip(fitted.plan.buffers, fitted.plan.offsets, strict=True)
    beyond = [buffer for buffer, offset in ends if offset + buffer.size > size]
    near = [
        index
        for index in fitted.members
        if any(problem.buffers[index].meets(buffer) for buffer in beyond)
    ]

    def paid(index: int) -> Cost:
        costs = problem.costs[index]
        others = [cost for number, cost in enumerate(costs) if number != pool]
        other = min(others, default=costs[pool])
        return other[0] - costs[pool][0], other[1] - costs[pool][1]

    return sorted(near, key=paid)

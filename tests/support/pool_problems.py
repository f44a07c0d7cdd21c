# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Buffers that are to be assigned to pools, drawn, and what must hold of the result."""

from __future__ import annotations

import itertools
import random

from microtvm.compiler.assign_pools import PoolProblem
from microtvm.compiler.buffers import Buffer, Overlap
from microtvm.compiler.fit_pools import FittedPool


def drawn_problem(seed: int, count: int, sizes: list[int | None]) -> PoolProblem:
    """A chain of tensors, each with some scratch, and some that stay for longer."""
    chance = random.Random(seed)
    buffers, overlaps, costs = [], {}, []
    for index in range(count):
        first = index // 2
        is_scratch = index % 2 == 1
        last = first if is_scratch else first + chance.choice((1, 1, 1, 4))
        buffers.append(Buffer(f"b{index}", chance.randrange(1, 2000), first, last))
        if index >= 2 and not is_scratch and buffers[index - 2].last == first:
            overlaps[index - 2, index] = [Overlap(chance.choice((0, 100, 1000)))]
        read, written = chance.randrange(10_000), chance.randrange(10_000)
        # The first pool is the fastest.
        costs.append(
            [
                (float(read * (pool + 1) + written * (2 * pool + 1)), float(pool * read))
                for pool in range(len(sizes))
            ]
        )
    return PoolProblem(buffers, overlaps, costs, sizes)


def assert_fits(problem: PoolProblem, fitted: tuple[FittedPool, ...]) -> None:
    placed = [index for pool in fitted for index in pool.members]
    assert sorted(placed) == list(range(len(problem.buffers)))
    for size, pool in zip(problem.sizes, fitted, strict=True):
        assert size is None or pool.plan.size <= size
        _assert_apart(problem, pool)


def _assert_apart(problem: PoolProblem, pool: FittedPool) -> None:
    for (one, start), (other, end) in itertools.combinations(
        zip(pool.members, pool.plan.offsets, strict=True), 2
    ):
        first, second = problem.buffers[one], problem.buffers[other]
        touches = start < end + second.size and end < start + first.size
        if first.meets(second) and touches:
            (overlap,) = problem.overlaps[min(one, other), max(one, other)]
            assert start - end >= overlap.least

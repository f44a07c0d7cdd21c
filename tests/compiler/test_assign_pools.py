# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which buffer goes to which pool: all of them somewhere, sizes kept, and no worse than need be."""

from __future__ import annotations

import itertools
import random

import pytest

from microtvm.compiler.assign_pools import (
    Cost,
    PoolProblem,
    assign_pools,
    some_assignment,
    total_cost,
)
from microtvm.compiler.buffers import Buffer, Overlap, aligned
from microtvm.compiler.fit_pools import FittedPool, fit_pools


def _problem(seed: int, count: int, sizes: list[int | None]) -> PoolProblem:
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


def _assert_fits(problem: PoolProblem, fitted: tuple[FittedPool, ...]) -> None:
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


def _pools(fitted: tuple[FittedPool, ...]) -> list[int]:
    pool_of = {index: number for number, pool in enumerate(fitted) for index in pool.members}
    return [pool_of[index] for index in range(len(pool_of))]


@pytest.mark.parametrize("count", [4, 10, 40])
def test_drawn_networks(count: int) -> None:
    used = 0
    for seed in range(12):
        sizes: list[int | None] = [random.Random(seed).randrange(64, 6000), None]
        problem = _problem(seed, count, sizes)
        fitted = fit_pools(problem, assign_pools)
        assert fitted is not None
        _assert_fits(problem, fitted)
        pools = _pools(fitted)
        slow = total_cost(problem, [1] * count)
        assert total_cost(problem, pools) <= slow
        assert fitted == fit_pools(problem, assign_pools)
        used += 0 in pools and 1 in pools
    assert used > 6


def test_three_pools_with_sizes() -> None:
    for seed in range(12):
        problem = _problem(seed, 20, [1500, 4000, 20_000])
        fitted = fit_pools(problem, assign_pools)
        assert fitted is not None
        _assert_fits(problem, fitted)
        assert total_cost(problem, _pools(fitted)) <= total_cost(problem, [2] * 20)


def test_few_buffers_are_assigned_as_well_as_can_be() -> None:
    for seed in range(20):
        problem = _problem(seed, 7, [2500, 3000])
        fitted = fit_pools(problem, assign_pools)
        possible = [pools for pools in itertools.product((0, 1), repeat=7) if _fits(problem, pools)]
        if fitted is None:
            assert not possible
            continue
        best = min(total_cost(problem, pools) for pools in possible)
        assert total_cost(problem, _pools(fitted)) == best


def _fits(problem: PoolProblem, pools: tuple[int, ...]) -> bool:
    fitted = fit_pools(problem, lambda _: pools)
    return fitted is not None


def test_improvement_beats_what_is_hottest_by_the_byte() -> None:
    """The hottest buffer keeps two others out that save more together."""
    hot = Buffer("hot", 64, 0, 30)
    others = [Buffer(f"b{index}", 112, index, index) for index in range(1, 30)]
    costs: list[list[Cost]] = [[(0.0, 0.0), (100.0, 0.0)]]
    costs += [[(0.0, 0.0), (90.0, 0.0)] for _ in others]
    problem = PoolProblem([hot, *others], {}, costs, [128, None])
    pools = assign_pools(problem)
    assert pools == (1, *[0] * 29)


def test_what_finds_no_place_is_placed_first() -> None:
    """The large buffer is the coldest, and fits the large pool alone."""
    large = Buffer("large", 1056, 0, 20)
    small = [Buffer(f"b{index}", 100, 0, 20) for index in range(14)]
    costs: list[list[Cost]] = [[(1.0, 0.0), (1.0, 0.0)]]
    costs += [[(0.0, 0.0), (1000.0, 0.0)] for _ in small]
    problem = PoolProblem([large, *small], {}, costs, [1056, 14 * 112])
    pools = assign_pools(problem)
    assert pools == (0, *[1] * 14)
    assert some_assignment(problem) == pools


def test_an_input_in_another_pool_shares_nothing_with_its_output() -> None:
    buffers = [Buffer("input", 64, 0, 1), Buffer("output", 64, 1, 2)]
    overlaps = {(0, 1): [Overlap(0, 0)]}
    costs: list[list[Cost]] = [[(0.0, 0.0), (1.0, 0.0)], [(0.0, 0.0), (2.0, 0.0)]]
    in_place = PoolProblem(buffers, overlaps, costs, [64, None])
    assert assign_pools(in_place) == (0, 0)
    apart = PoolProblem(buffers, {}, costs, [64, None])
    assert assign_pools(apart) == (1, 0)


def test_nothing_is_found_where_nothing_fits() -> None:
    for count in (3, 30):
        buffers = [Buffer(f"b{index}", 100, 0, 1) for index in range(count)]
        costs: list[list[Cost]] = [[(0.0, 0.0), (1.0, 0.0)]] * count
        room = count * aligned(100)
        assert assign_pools(PoolProblem(buffers, {}, costs, [112, room - 128])) is None
        assert assign_pools(PoolProblem(buffers, {}, costs, [112, room - 112])) is not None


def test_nothing_to_assign() -> None:
    assert assign_pools(PoolProblem([], {}, [], [16, None])) == ()

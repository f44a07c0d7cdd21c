# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which buffer goes to which pool: all of them somewhere, sizes kept, and no worse than need be."""

from __future__ import annotations

import itertools
import random

import pytest
from support.pool_problems import assert_fits, drawn_problem

from microtvm.compiler.assign_pools import (
    Cost,
    PoolProblem,
    assign_pools,
    some_assignment,
    total_cost,
)
from microtvm.compiler.buffers import Buffer, Overlap, aligned
from microtvm.compiler.fit_pools import FittedPool, fit_pools


def _pools(fitted: tuple[FittedPool, ...]) -> list[int]:
    pool_of = {index: number for number, pool in enumerate(fitted) for index in pool.members}
    return [pool_of[index] for index in range(len(pool_of))]


@pytest.mark.parametrize("count", [4, 10, 40])
def test_drawn_networks(count: int) -> None:
    used = 0
    for seed in range(12):
        sizes: list[int | None] = [random.Random(seed).randrange(64, 6000), None]
        problem = drawn_problem(seed, count, sizes)
        fitted = fit_pools(problem, assign_pools)
        assert fitted is not None
        assert_fits(problem, fitted)
        pools = _pools(fitted)
        slow = total_cost(problem, [1] * count)
        assert total_cost(problem, pools) <= slow
        assert fitted == fit_pools(problem, assign_pools)
        used += 0 in pools and 1 in pools
    assert used > 6


def test_three_pools_with_sizes() -> None:
    for seed in range(12):
        problem = drawn_problem(seed, 20, [1500, 4000, 20_000])
        fitted = fit_pools(problem, assign_pools)
        assert fitted is not None
        assert_fits(problem, fitted)
        assert total_cost(problem, _pools(fitted)) <= total_cost(problem, [2] * 20)


def test_few_buffers_are_assigned_as_well_as_can_be() -> None:
    for seed in range(20):
        problem = drawn_problem(seed, 7, [2500, 3000])
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

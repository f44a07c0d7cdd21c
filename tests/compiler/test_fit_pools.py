# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools whose buffers need more than the fullest layer does: something is moved elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.pool_problems import assert_fits, drawn_problem

from microtvm.compiler.assign_pools import PoolProblem, assign_pools, some_assignment
from microtvm.compiler.buffers import ALIGNMENT, Buffer
from microtvm.compiler.fit_pools import fit_pools
from microtvm.compiler.memory_pools import MemoryPool
from microtvm.compiler.offset_problem import offset_problem
from microtvm.compiler.plan_memory import plan_memory
from microtvm.compiler.pool_refusal import check_budget, pool_refusal
from microtvm.errors import MemoryBudgetError

# Seeds of problems in which any plan needs more than the fullest layer.
_TIGHT = (12, 26, 73, 111)


@pytest.mark.parametrize("seed", _TIGHT)
def test_buffers_are_moved_until_the_plan_fits(seed: int) -> None:
    problem = drawn_problem(seed, 40, [None, None])
    bound = offset_problem(problem.buffers, problem.overlaps).bound * ALIGNMENT
    assert plan_memory(problem.buffers, problem.overlaps).size > bound
    problem = replace(problem, sizes=[bound, None])
    # By the fullest layer all of it fits the fast pool.
    assert set(assign_pools(problem) or ()) == {0}
    fitted = fit_pools(problem, assign_pools)
    assert fitted is not None
    assert_fits(problem, fitted)
    # No more is moved than must be.
    assert 1 <= len(fitted[1].members) <= 3


def test_an_assignment_that_does_not_fit_is_none() -> None:
    problem = drawn_problem(0, 20, [64, 64])
    assert fit_pools(problem, some_assignment) is None


def _refused(sizes: list[int]) -> tuple[PoolProblem, list[MemoryPool]]:
    problem = drawn_problem(1, 20, list(sizes))
    assert fit_pools(problem, assign_pools) is None
    return problem, [MemoryPool(f"p{index}", size) for index, size in enumerate(sizes)]


@pytest.mark.parametrize("sizes", [[64, 1024], [1024, 64], [512], [16, 16, 16]])
def test_a_refusal_names_a_size_that_will_do(sizes: list[int]) -> None:
    problem, pools = _refused(sizes)
    error = pool_refusal(problem, pools)
    assert all(f"p{index} {size:,}" in error.found for index, size in enumerate(sizes))
    name, _, enough = error.hint.rpartition(" ")[2].partition(":")
    assert f"{name} of {int(enough):,} bytes" in error.expected
    larger = list(sizes)
    larger[int(name[1:])] = int(enough)
    fitted = fit_pools(replace(problem, sizes=larger), some_assignment)
    assert fitted is not None
    assert_fits(replace(problem, sizes=larger), fitted)
    if len(sizes) == 1:
        assert int(enough) == plan_memory(problem.buffers, problem.overlaps).size


def test_a_refusal_names_the_largest_buffers_of_the_fullest_layer() -> None:
    buffers = [Buffer("small", 16, 0, 9), Buffer("large", 4000, 3, 4), Buffer("other", 3000, 7, 8)]
    problem = PoolProblem(buffers, {}, [[(0.0, 0.0)]] * 3, [1024])
    error = pool_refusal(problem, [MemoryPool("dtcm", 1024)])
    assert "in layer 3 it needs large (4,000 bytes), small (16 bytes)" in error.found
    assert error.hint.endswith("dtcm:4016")
    assert "--ram-budget 1024" in error.hint


def test_several_pools_keep_to_a_budget_together() -> None:
    check_budget({"dtcm": 400, "sram": 600}, None)
    check_budget({"dtcm": 400, "sram": 600}, 1000)
    check_budget({"dtcm": 1001}, 1000)
    with pytest.raises(MemoryBudgetError, match=r"take 1,001 bytes \(dtcm 400, sram 601\)"):
        check_budget({"dtcm": 400, "sram": 601}, 1000)

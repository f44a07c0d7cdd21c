# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Budgets that are kept to, budgets that cannot be, and what stripes cost."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import numpy as np
import pytest
from support.chains import chain_model
from support.host_model import HostModel, build_library, differences, stripe_differences

from microtvm.artifact import archive_files
from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.errors import MemoryBudgetError, OptionError
from microtvm.validate.reference import ReferenceModel

# Of chain_model: with skip connections, pools and strides.
_SEEDS = (1, 2, 3, 8)


@functools.cache
def _compiled(seed: int, budget: int | None = None, optimize: str = "speed") -> CompiledModel:
    options = CompileOptions(weights="auto", optimize=optimize, ram_budget=budget)
    return compile_model(chain_model(seed), options)


@functools.cache
def _smallest(seed: int) -> int:
    """As the error says."""
    with pytest.raises(MemoryBudgetError, match="does not fit into 1 bytes") as caught:
        _compiled(seed, 1)
    found = re.search(r"--ram-budget (\d+)$", str(caught.value))
    assert found is not None
    return int(found[1])


def _cycles(compiled: CompiledModel) -> int:
    return sum(layer.choice.taken.cost.cycles for layer in compiled.program.layers)


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_smallest_budget_is_accepted_and_one_byte_less_is_not(seed: int) -> None:
    smallest = _smallest(seed)
    assert _compiled(seed, smallest).program.workspace_bytes <= smallest
    with pytest.raises(MemoryBudgetError, match=f"--ram-budget {smallest}$"):
        _compiled(seed, smallest - 1)


def test_stripes_need_less_than_any_schedule() -> None:
    """Of some; else these models would show nothing."""
    striped = [seed for seed in _SEEDS if _compiled(seed, _smallest(seed)).program.chains]
    assert len(striped) >= 3
    for seed in striped:
        assert _smallest(seed) < _compiled(seed).program.workspace_bytes


@pytest.mark.parametrize("seed", _SEEDS)
def test_more_memory_takes_no_more_cycles(seed: int) -> None:
    default = _compiled(seed).program.workspace_bytes
    budgets = [_smallest(seed), (_smallest(seed) + default) // 2, default]
    found = [_compiled(seed, budget) for budget in budgets]
    for budget, compiled in zip(budgets, found, strict=True):
        assert compiled.program.workspace_bytes <= budget
    cycles = [_cycles(compiled) for compiled in found]
    assert cycles == sorted(cycles, reverse=True)


def test_a_budget_that_is_no_limit_changes_nothing() -> None:
    for seed in _SEEDS:
        assert archive_files(_compiled(seed, 1 << 20)) == archive_files(_compiled(seed))


@pytest.mark.parametrize("budget", [0, -16])
def test_a_budget_of_nothing_is_no_option(budget: int) -> None:
    with pytest.raises(OptionError, match=f"a RAM budget of {budget} bytes"):
        CompileOptions(ram_budget=budget)


def test_pools_that_need_more_together_are_refused() -> None:
    """One pool of half of the budget, which cannot be filled to its last byte."""
    smallest = _smallest(1)
    pools = tuple(MemoryPool(name, limit) for name, limit in (("a", smallest // 2), ("b", None)))
    options = CompileOptions(
        weights="auto", ram_budget=smallest, memory=MemoryOptions(workspace=pools)
    )
    with pytest.raises(MemoryBudgetError, match=r"the pools take [\d,]+ bytes"):
        compile_model(chain_model(1), options)


def test_a_chain_says_what_it_computes_twice() -> None:
    for seed in _SEEDS:
        program = _compiled(seed, _smallest(seed)).program
        whole = sum(layer.macs for layer in _compiled(seed).program.layers)
        twice = sum(chain.recomputed_macs for chain in program.chains)
        assert sum(layer.macs for layer in program.layers) == whole + twice
        for chain in program.chains:
            assert chain.last - chain.first + 1 == chain.stripes * len(chain.operators)
            layers = program.layers[chain.first - 1 : chain.last]
            assert [layer.operator for layer in layers] == list(chain.operators) * chain.stripes


def test_ram_is_never_larger() -> None:
    for seed in _SEEDS:
        small, default = _compiled(seed, None, "ram"), _compiled(seed)
        assert small.program.workspace_bytes <= default.program.workspace_bytes
        # 1.25 times what was chosen, of which the default can be a little less.
        assert _cycles(small) <= 1.27 * _cycles(default)


def test_stripes_that_are_alike_share_their_function_and_constants() -> None:
    for seed in _SEEDS:
        program = _compiled(seed, _smallest(seed)).program
        for chain in program.chains:
            layers = program.layers[chain.first - 1 : chain.last]
            count = len(chain.operators)
            for place in range(count):
                inner = layers[place + count : -count : count]
                # Those near the ends have padding.
                middle = inner[len(inner) // 4 : -len(inner) // 4 or None]
                assert len({layer.function for layer in middle}) <= 1
                assert len({layer.constants for layer in layers[place::count]}) == 1


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_smallest_plans_are_bit_exact(seed: int, tmp_path: Path) -> None:
    compiled = _compiled(seed, _smallest(seed))
    host = HostModel(compiled, build_library([compiled], tmp_path))
    reference = ReferenceModel(chain_model(seed))
    chance = np.random.default_rng(seed)
    inputs = [chance.integers(-128, 128, reference.inputs[0].shape, dtype=np.int8)]
    expected = reference.run(inputs)
    results = host.run(inputs)
    assert stripe_differences(host, expected) == []
    assert differences(compiled, results, expected) == []
    assert np.array_equal(host.outputs()[0], expected[reference.outputs[0].index])

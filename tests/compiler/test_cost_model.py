# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The figures that schedules are chosen by, and how they become an estimate."""

from __future__ import annotations

import pytest

from microtvm.compiler.cost_model import ScheduleCosts, costs_of, schedule_costs
from microtvm.compiler.schedule import RULES
from microtvm.target import CORES, Target

_MEASURED = ("cortex-m4", "cortex-m7")
_COSTS = ScheduleCosts({"call": 100.0, "mac": 1.25}, median_error=0.01, worst_error=0.2)


def test_cycles_are_counts_times_cycles() -> None:
    cost = _COSTS.cost({"call": 1, "mac": 1000})
    assert (cost.cycles, cost.error) == (1350, 0.01)


def test_a_term_that_was_not_measured_counts_as_the_dearest() -> None:
    assert _COSTS.cost({"mac": 4, "unheard_of": 3}).cycles == 305


@pytest.mark.parametrize("core", _MEASURED)
def test_every_schedule_was_measured(core: str) -> None:
    assert set(costs_of(core)) == {rule.name for rule in RULES}
    for costs in costs_of(core).values():
        assert 0 < costs.median_error < 0.1
        assert costs.median_error < costs.worst_error < 1
        assert all(cycles >= 0 for cycles in costs.cycles.values())


@pytest.mark.parametrize("core", CORES)
def test_every_core_has_figures(core: str) -> None:
    own = core if core in _MEASURED else "cortex-m4"
    for rule in RULES:
        assert schedule_costs(Target(core), rule.name) is costs_of(own)[rule.name]


def test_a_core_that_issues_two_instructions_takes_fewer_cycles() -> None:
    work = {"call": 1, "input_16": 640, "row_block": 32, "weight_16": 81920}
    slow, fast = (schedule_costs(Target(core), "dsp_dense").cost(work) for core in _MEASURED)
    # 148,902 and 72,671 by scripts/bench, ad01_int8's first layer.
    assert 100_000 < slow.cycles < 200_000
    assert 0.3 * slow.cycles < fast.cycles < 0.7 * slow.cycles

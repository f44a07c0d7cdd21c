# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""scripts/fit_costs: what it draws, what it measures, how it fits, and what it writes."""

from __future__ import annotations

import tomllib
from collections import Counter

import numpy as np
import pytest
from cost_fitting.costs_text import costs_text
from cost_fitting.fit import fit
from cost_fitting.layer import Wanted, network_of
from cost_fitting.measure import measure
from cost_fitting.products import draw_conv2d, draw_dense
from cost_fitting.samples import draw_samples
from microtvm_project.boards import find_board
from support.cmake_builds import ROOT

from microtvm.compiler import CompileOptions
from microtvm.compiler.cost_model import ScheduleCosts, costs_of
from microtvm.compiler.schedule import RULES, cheapest_schedule
from microtvm.target import Target


def test_cycles_of_terms_are_found_again() -> None:
    draw = np.random.default_rng(3)
    works = [{"call": 1, "mac": int(draw.integers(1, 5000)), "row": 3} for _ in range(30)]
    works += [{"call": 1, "mac": 70}, {"call": 1}]
    cycles = [100 + 2 * work.get("mac", 0) + 40 * work.get("row", 0) for work in works]
    costs = fit(works, cycles)
    assert costs.cycles == pytest.approx({"call": 100, "mac": 2, "row": 40}, rel=1e-3)
    assert costs.median_error <= costs.worst_error < 1e-3


def test_no_term_gives_cycles_back() -> None:
    costs = fit([{"call": 1, "odd": 1}, {"call": 1}], [50, 100])
    assert costs.cycles["odd"] == 0
    assert costs.worst_error > 0.1


def test_the_errors_are_those_of_the_figures() -> None:
    costs = fit([{"call": 1}, {"call": 1}, {"call": 1}], [90, 100, 100])
    estimate = costs.cycles["call"]
    assert costs.worst_error == pytest.approx(abs(estimate / 90 - 1), abs=1e-4)
    assert costs.median_error == pytest.approx(abs(estimate / 100 - 1), abs=1e-4)


def test_what_is_written_can_be_read() -> None:
    costs = ScheduleCosts({"call": 12.5, "mac": 0.0}, 0.01, 0.25)
    table = tomllib.loads(costs_text({"cortex-m7": {"plain": costs}, "cortex-m4": {}}))
    entry = table["cortex-m7"]["plain"]
    assert (entry["cycles"], entry["median_error"]) == ({"call": 12.5, "mac": 0.0}, 0.01)
    assert entry["worst_error"] == 0.25


def test_samples_are_the_same_each_time_and_of_every_schedule() -> None:
    first, second = (draw_samples(Target("cortex-m4")) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert (one.schedule, one.blocks) == (other.schedule, other.blocks)
        shapes = [tensor.shape for tensor in one.layer.tensors]
        assert shapes == [tensor.shape for tensor in other.layer.tensors]
    counts = Counter(sample.schedule for sample in first)
    assert set(counts) == {rule.name for rule in RULES}
    assert min(counts.values()) >= 10


@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7"])
def test_every_term_was_measured(core: str) -> None:
    """A term without figures counts as the dearest, and turns choices away from its schedule."""
    rules = {rule.name: rule for rule in RULES}
    for sample in draw_samples(Target(core)):
        network = network_of([sample.layer])
        rule = rules[sample.schedule]
        work = rule.work(network.operators[0], network.tensors, sample.blocks)
        assert set(work) <= set(costs_of(core)[sample.schedule].cycles), sample.schedule


@pytest.mark.arm
def test_estimates_are_near_what_layers_take() -> None:
    """Of layers that the figures were not made from; they are refitted when a kernel changes."""
    draw = np.random.default_rng(77)
    layers = [sort(draw) for sort in (draw_conv2d, draw_dense) for _ in range(4)]
    board = find_board(ROOT / "boards", "mps2_an386")
    wanted, estimates = [], []
    for layer in layers:
        network = network_of([layer])
        options = CompileOptions(Target(board.cpu))
        taken = cheapest_schedule(network.operators[0], network.tensors, options).taken
        wanted.append(Wanted(layer, taken.schedule, taken.blocks))
        estimates.append(taken.cost.cycles)
    ratios = np.array(estimates) / np.array(measure(wanted, board))
    assert np.median(np.abs(ratios - 1)) < 0.1
    assert np.abs(ratios - 1).max() < 0.5

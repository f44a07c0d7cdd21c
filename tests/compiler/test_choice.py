# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The fewest cycles win; what is no gain by the model's own error costs no memory."""

from __future__ import annotations

from microtvm.compiler.choice import Candidate, cheapest
from microtvm.compiler.cost_model import Cost


def _candidate(cycles: int, error: float = 0.02, **blocks: int) -> Candidate:
    return Candidate("dsp_conv2d", blocks, Cost(cycles, error))


def test_the_fewest_cycles_win() -> None:
    candidates = [_candidate(1000), _candidate(900), _candidate(1100)]
    assert cheapest(candidates) is candidates[1]


def test_a_gain_within_the_error_is_none() -> None:
    candidates = [_candidate(1019), _candidate(1000)]
    assert cheapest(candidates) is candidates[0]
    candidates = [_candidate(1021), _candidate(1000)]
    assert cheapest(candidates) is candidates[1]


def test_the_error_is_that_of_the_cheapest() -> None:
    candidates = [_candidate(1030, error=0.5), _candidate(1000, error=0.01)]
    assert cheapest(candidates) is candidates[1]


def test_a_layer_without_cycles_has_a_schedule() -> None:
    only = _candidate(0)
    assert cheapest([only]) is only


def test_block_sizes_are_part_of_the_name() -> None:
    assert str(_candidate(1, weight_bits=16, band=3)) == "dsp_conv2d (weight_bits 16, band 3)"
    assert str(_candidate(1)) == "dsp_conv2d"

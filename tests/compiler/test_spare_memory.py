# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers that need the most memory get smaller blocks, as far as few cycles pay for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.cost_model import Cost
from microtvm.compiler.operators import Network, Operator, Tensor
from microtvm.compiler.spare_memory import ALLOWANCES, Allowance, spare_memory
from microtvm.compiler.workspace import LayerNeeds


@dataclass(frozen=True)
class _Layer:
    operator: Operator
    candidate: Candidate


def _candidate(scratch: int, cycles: int, schedule: str = "kernel", bits: int = 8) -> Candidate:
    """Its band is its scratch, in bytes."""
    return Candidate(schedule, {"band": scratch, "weight_bits": bits}, Cost(cycles, 0.0))


_SPEED, _RAM = ALLOWANCES["speed"], ALLOWANCES["ram"]


def _spared(
    *layers: Sequence[Candidate], allowance: Allowance = _SPEED, enough: int = 0
) -> list[int]:
    """The scratch of each layer of a chain of 64 bytes; its first candidate is taken."""
    tensors = tuple(Tensor(f"t{index}", (1, 64), "int8") for index in range(len(layers) + 1))
    operators = tuple(Operator((index,), index + 1) for index in range(len(layers)))
    network = Network(tensors, (0,), (len(layers),), operators)
    choices = [Choice(candidates[0], tuple(candidates[1:]), {}) for candidates in layers]
    spared = spare_memory(
        network,
        choices,
        lambda operator, choice: _Layer(operator, choice.taken),
        lambda layer: LayerNeeds(
            layer.operator, layer.candidate.blocks["band"], (None,), lambda: None
        ),
        allowance,
        enough,
    )
    scratch = [layer.candidate.blocks["band"] for layer in spared.layers]
    # Two tensors of 64 bytes, and scratch in units of 16.
    assert spared.size == max((128 + -(-size // 16) * 16 for size in scratch), default=64)
    paid = sum(layer.candidate.cost.cycles for layer in spared.layers)
    before = sum(candidates[0].cost.cycles for candidates in layers)
    assert spared.cycles_left == allowance.cycles * before - (paid - before) >= 0
    return scratch


def test_the_layer_that_needs_the_most_gets_smaller_blocks() -> None:
    low, high = _candidate(64, 1001), _candidate(256, 1000)
    assert _spared([high, low], [_candidate(128, 1000), _candidate(32, 1001)]) == [64, 32]


def test_a_layer_below_the_peak_stays_as_it_was_chosen() -> None:
    assert _spared([_candidate(256, 1000)], [_candidate(128, 1000), _candidate(32, 1000)]) == [
        256,
        128,
    ]


@pytest.mark.parametrize(("more", "scratch"), [(14, 64), (15, 256)])
def test_cycles_are_kept_to_a_share_of_the_model(more: int, scratch: int) -> None:
    assert _SPEED.cycles * 2000 == 14
    layers = [_candidate(256, 1000), _candidate(64, 1000 + more)]
    assert _spared(layers, [_candidate(16, 1000)]) == [scratch, 16]


def test_cycles_are_spent_once() -> None:
    layer = [_candidate(256, 1000), _candidate(64, 1009)]
    # Where only one of two can be smaller, none pays.
    assert _spared(layer, layer) == [256, 256]


@pytest.mark.parametrize("other", [_candidate(0, 1000, "plain"), _candidate(0, 1000, bits=16)])
def test_the_schedule_and_the_width_of_weights_stay(other: Candidate) -> None:
    assert _spared([_candidate(256, 1000), other]) == [256]
    assert _spared([_candidate(256, 1000), other], allowance=_RAM) == [0]


def test_each_pays_the_least_that_brings_it_below_the_next_size() -> None:
    steps = [_candidate(size, 1000 + 256 - size) for size in (256, 192, 128, 64)]
    # The second layer stays at 160: what is below that is not worth a cycle.
    assert _spared(steps, [_candidate(160, 1000)], allowance=_RAM) == [128, 160]


def test_the_cheapest_is_taken_before_the_smallest() -> None:
    layer = [_candidate(256, 1000), _candidate(32, 1100), _candidate(64, 1010)]
    assert _spared(layer, [_candidate(128, 1000)], allowance=_RAM) == [64, 128]
    assert _spared(layer, allowance=_RAM) == [32]


def test_nothing_is_paid_below_what_is_enough() -> None:
    steps = [_candidate(size, 1000 + 256 - size) for size in (256, 192, 128, 64)]
    assert _spared(steps, allowance=_RAM, enough=128 + 192) == [192]


def test_a_network_without_layers() -> None:
    assert _spared() == []

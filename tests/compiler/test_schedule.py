# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The list of schedules: each layer gets the first that can take it, and there is always one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import pytest
from support.convolutions import Convolution, depthwise_conv2d
from support.float_network import float_network
from support.int8_network import int8_network
from support.single_operator import Quantized

from microtvm.compiler import CompileOptions, compile_model
from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.cost_model import Cost
from microtvm.compiler.legalize import DEFINITIONS
from microtvm.compiler.operators import Conv2D, Operator, Tensor
from microtvm.compiler.schedule import RULES
from microtvm.target import CORES, Target

_SOURCE, _TARGET = Quantized(0.05, 7), Quantized(0.5, 3)


def _kinds(base: type[Operator]) -> set[type[Operator]]:
    return set(base.__subclasses__()).union(*map(_kinds, base.__subclasses__()))


def test_names_in_the_layer_list_differ() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)


def test_the_last_rule_takes_every_kind_of_operator() -> None:
    assert RULES[-1].name == "plain"
    for kind in DEFINITIONS:
        assert issubclass(kind, RULES[-1].operators)
        operator = kind((), 0, *[None] * (len(fields(kind)) - 3))
        assert RULES[-1].refusal(operator, (), CompileOptions(Target("cortex-m0plus"))) is None


def test_every_kind_of_operator_has_a_definition() -> None:
    assert set(DEFINITIONS) == _kinds(Operator)


def test_a_core_without_dsp_gets_plain_loops() -> None:
    for core in CORES:
        name = f"{core}+nodsp"
        compiled = compile_model(int8_network(), CompileOptions(Target(name)))
        assert {layer.schedule for layer in compiled.program.layers} == {"plain"}


def test_float_layers_get_plain_loops_on_every_core() -> None:
    compiled = compile_model(float_network(), CompileOptions(Target("cortex-m7")))
    assert {layer.schedule for layer in compiled.program.layers} == {"plain"}


def _layers(**options: str) -> list[tuple[str, Mapping[str, int]]]:
    compiled = compile_model(int8_network(), CompileOptions(Target("cortex-m4"), **options))
    taken = [layer.choice.taken for layer in compiled.program.layers]
    return [(candidate.schedule, candidate.blocks) for candidate in taken]


@pytest.mark.parametrize("weights", ["int8", "int16"])
def test_weights_have_the_width_that_is_asked_for(weights: str) -> None:
    widths = {
        blocks["weight_bits"]
        for schedule, blocks in _layers(weights=weights)
        if schedule in ("dsp_conv2d", "dsp_matmul", "dsp_depthwise")
    }
    assert widths == {int(weights.removeprefix("int"))}


def test_a_caller_can_choose_in_the_place_of_the_cost_model() -> None:
    def plain(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> Choice:
        return Choice(Candidate("plain", {}, Cost(0, 0.0)), (), {})

    options = CompileOptions(Target("cortex-m4"))
    compiled = compile_model(int8_network(), options, choose=plain)
    assert {layer.schedule for layer in compiled.program.layers} == {"plain"}


def test_small_layers_have_what_is_best_for_small_layers() -> None:
    """A window of fifteen rows at one place is not worth a plane of widened cells."""
    small = depthwise_conv2d(_SOURCE.operand((1, 15, 1, 8)), 1, _TARGET, Convolution((15, 1)))
    large = depthwise_conv2d(_SOURCE.operand((1, 40, 9, 8)), 1, _TARGET, Convolution((15, 1)))
    assert _only_schedule(small) == "plain"
    assert _only_schedule(large) == "dsp_depthwise"


def test_layouts_that_a_schedule_does_not_take_are_refused() -> None:
    (rule,) = [rule for rule in RULES if rule.name == "dsp_conv2d"]
    operator = Conv2D((), 0, *[None] * 6, layout="NCHW")
    reason = rule.refusal(operator, (), CompileOptions(Target("cortex-m4")))
    assert reason == "takes NHWC, not NCHW"


def _only_schedule(model: bytes) -> str:
    compiled = compile_model(model, CompileOptions(Target("cortex-m4")))
    (layer,) = compiled.program.layers
    return layer.schedule

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The list of schedules: each layer gets the first that can take it, and there is always one."""

from __future__ import annotations

from dataclasses import fields

from support.float_network import float_network
from support.int8_network import int8_network

from microtvm.compiler import CompileOptions, compile_model
from microtvm.compiler.legalize import DEFINITIONS
from microtvm.compiler.operators import Operator
from microtvm.compiler.schedule import RULES
from microtvm.target import CORES, Target


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

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whole models on this machine: every layer equals LiteRT's reference bit for bit."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from support.benchmark_models import cases, require_model
from support.host_model import HostModel, build_library, differences, stripe_differences

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.compiler.program import Layer
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

_MODELS = (
    *("digits_int8", "ad01_int8", "kws_ref_model", "pretrainedResnet_quant"),
    *("str_ww_ref_model", "vww_96_int8"),
)
_OPTIONS = {
    "dsp": CompileOptions(Target("cortex-m4")),
    "plain": CompileOptions(Target("cortex-m3")),
    "whole": CompileOptions(Target("cortex-m7"), simplify=False),
    "small": CompileOptions(Target("cortex-m4"), weights="auto", optimize="ram"),
    "fast": CompileOptions(Target("cortex-m4"), weights="auto"),
}


@functools.cache
def _compiled(name: str, options: str) -> CompiledModel:
    return compile_model(_read(name), _OPTIONS[options])


def _read(name: str) -> bytes:
    return require_model(name).read_bytes()


@pytest.mark.parametrize("options", ["dsp", "plain", "whole", "small"])
@pytest.mark.parametrize("name", _MODELS)
def test_every_layer_equals_the_reference(name: str, options: str, tmp_path: Path) -> None:
    data = _read(name)
    compiled = _compiled(name, options)
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-O2",)))
    reference = ReferenceModel(data)
    for case in cases(*_inputs(compiled)):
        expected = reference.run(case.inputs)
        results = host.run(case.inputs)
        in_stripes = len(_striped(compiled))
        assert len(results) >= len(compiled.program.layers) - in_stripes - 1
        assert len(host.stripes) == in_stripes
        wrong = differences(compiled, results, expected) + stripe_differences(host, expected)
        assert not wrong, f"{case.name}: {wrong[0]}"
        (output,) = host.outputs()
        assert (output == expected[reference.outputs[0].index]).all(), case.name


def _striped(compiled: CompiledModel) -> list[Layer]:
    layers = compiled.program.layers
    return [
        layer for chain in compiled.program.chains for layer in layers[chain.first - 1 : chain.last]
    ]


# Bytes of the workspace, at most.
_SMALL = {
    "ad01_int8": 1500,
    "kws_ref_model": 8500,
    "pretrainedResnet_quant": 28000,
    "str_ww_ref_model": 5000,
    "vww_96_int8": 30000,
}
_STRIPED = ("pretrainedResnet_quant", "vww_96_int8")


@pytest.mark.parametrize("name", _SMALL)
def test_a_small_workspace_takes_few_more_cycles(name: str) -> None:
    small, default = (_compiled(name, options).program for options in ("small", "fast"))
    assert small.workspace_bytes <= _SMALL[name]
    cycles = [
        sum(layer.choice.taken.cost.cycles for layer in program.layers)
        for program in (small, default)
    ]
    assert cycles[0] <= 1.25 * cycles[1]
    assert bool(small.chains) == (name in _STRIPED)


def _inputs(compiled: CompiledModel) -> tuple[list[tuple[int, ...]], list[int]]:
    program = compiled.program
    tensors = [program.tensors[index].tensor for index in program.inputs]
    return [tensor.shape for tensor in tensors], [tensor.zero_point for tensor in tensors]

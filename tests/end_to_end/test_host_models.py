# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whole models on this machine: every layer equals LiteRT's reference bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.benchmark_models import cases, model_files
from support.host_model import HostModel, build_library, differences

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
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
}


def _read(name: str) -> bytes:
    paths = {path.stem: path for path in model_files()}
    if name not in paths:
        pytest.skip(f"no {name}.tflite in MICROTVM_MODELS, nor in shared/models by the checkout")
    return paths[name].read_bytes()


@pytest.mark.parametrize("options", _OPTIONS)
@pytest.mark.parametrize("name", _MODELS)
def test_every_layer_equals_the_reference(name: str, options: str, tmp_path: Path) -> None:
    data = _read(name)
    compiled = compile_model(data, _OPTIONS[options])
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-O2",)))
    reference = ReferenceModel(data)
    for case in cases(*_inputs(compiled)):
        expected = reference.run(case.inputs)
        results = host.run(case.inputs)
        assert len(results) >= len(compiled.program.layers) - 1
        wrong = differences(compiled, results, expected)
        assert not wrong, f"{case.name}: {wrong[0]}"
        (output,) = host.outputs()
        assert (output == expected[reference.outputs[0].index]).all(), case.name


def _inputs(compiled: CompiledModel) -> tuple[list[tuple[int, ...]], list[int]]:
    program = compiled.program
    tensors = [program.tensors[index].tensor for index in program.inputs]
    return [tensor.shape for tensor in tensors], [tensor.zero_point for tensor in tensors]

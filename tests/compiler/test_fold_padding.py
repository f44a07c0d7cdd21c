# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions that pad by themselves give what they give behind a PAD."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.host_model import HostModel, build_library, differences
from support.padded_network import PaddedCase, padded_network

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

FOLDED = [
    PaddedCase(),
    PaddedCase(stride=2, around=(0, 0, 1, 1)),
    PaddedCase(around=(2, 1, 0, 2), same=True, zero_point=-128, window=(5, 5)),
    PaddedCase(around=(1, 2, 2, 0), window=(3, 4), value=-3),
    PaddedCase(depthwise=True),
    PaddedCase(depthwise=True, stride=2, around=(0, 1, 1, 0), zero_point=127),
    PaddedCase(depthwise=True, around=(0, 0, 4, 4), window=(5, 5)),
    PaddedCase(depthwise=True, image=(1, 1), around=(1, 1, 1, 1)),
]
KEPT = [
    PaddedCase(value=7),
    PaddedCase(around=(3, 0, 0, 0)),
    PaddedCase(around=(1, 1, 1, 1), window=(1, 1)),
    PaddedCase(around=(0, 2, 0, 2), same=True),
    PaddedCase(shown=True),
]
CORES = ("cortex-m4", "cortex-m4+nodsp")


def layers(compiled: CompiledModel) -> list[str]:
    return [layer.operator for layer in compiled.program.layers]


@pytest.mark.parametrize("core", CORES)
def test_the_numbers_are_the_same(tmp_path: Path, core: str) -> None:
    models = [padded_network(case) for case in (*FOLDED, *KEPT)]
    compiled = [
        compile_model(model, CompileOptions(Target(core), module_name=f"model_{index}"))
        for index, model in enumerate(models)
    ]
    library = build_library(compiled, tmp_path)
    random = np.random.default_rng(0)
    for case, model, program in zip((*FOLDED, *KEPT), models, compiled, strict=True):
        host, reference = HostModel(program, library), ReferenceModel(model)
        values = [random.integers(-128, 128, (1, *case.image, 4)).astype(np.int8)]
        wrong = differences(program, host.run(values), reference.run(values))
        assert not wrong, f"{case}: {wrong}"


@pytest.mark.parametrize("case", FOLDED, ids=str)
def test_no_layer_pads(case: PaddedCase) -> None:
    folded = compile_model(padded_network(case))
    assert len(layers(folded)) == 1
    kept = compile_model(padded_network(replace(case, shown=True)))
    assert "pad" in layers(kept)
    assert folded.program.workspace_bytes < kept.program.workspace_bytes


@pytest.mark.parametrize("case", KEPT, ids=str)
def test_what_no_convolution_can_pad_is_left(case: PaddedCase) -> None:
    assert "pad" in layers(compile_model(padded_network(case)))

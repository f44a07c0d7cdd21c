# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A whole model on each core, alone in QEMU: every layer equals LiteRT's reference.

The boards that have firmware are in tests/hardware; here is every core that code can be made for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from support.benchmark_models import Case, cases, model_files
from support.host_model import write_sources
from support.kernel_programs import run_on_board

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

pytestmark = pytest.mark.arm

_SOURCE = "model.c"
# Core to the board that has it, or one that runs its instructions, and the compiler's arguments.
_CORES = {
    "cortex-m0plus": ("mps2-an385", "-mcpu=cortex-m0plus"),
    "cortex-m3": ("mps2-an385",),
    "cortex-m4": ("mps2-an386",),
    "cortex-m4+nodsp": ("mps2-an386",),
    "cortex-m7": ("mps2-an500",),
    "cortex-m7+nodsp": ("mps2-an500",),
    "cortex-m33": ("mps2-an505",),
    "cortex-m33+nodsp": ("mps2-an505", "-mcpu=cortex-m33+nodsp"),
}


@pytest.mark.parametrize("core", _CORES)
def test_every_layer_equals_the_reference(core: str, tmp_path: Path) -> None:
    model = model_files()[0].read_bytes()
    compiled = compile_model(model, CompileOptions(Target(core)))
    schedules = {layer.schedule for layer in compiled.program.layers}
    assert (schedules == {"plain"}) == (not Target(core).has_dsp)
    sources = [str(path) for path in write_sources(compiled, tmp_path)]
    include = f"-I{tmp_path / 'codegen' / 'host' / 'include'}"
    inputs = list(cases(*_inputs(compiled)))
    board, *arguments = _CORES[core]
    arguments += [include, *sources]
    data = _file(compiled, model, inputs)
    printed = run_on_board(tmp_path, _SOURCE, data, board, *arguments)
    count = len(compiled.program.layers)
    assert printed.splitlines()[-1] == f"{len(inputs)} cases, {count} layers"


def _inputs(compiled: CompiledModel) -> tuple[list[tuple[int, ...]], list[int]]:
    program = compiled.program
    tensors = [program.tensors[index].tensor for index in program.inputs]
    return [tensor.shape for tensor in tensors], [tensor.zero_point for tensor in tensors]


def _file(compiled: CompiledModel, model: bytes, inputs: Sequence[Case]) -> bytes:
    """As model.c reads it."""
    program, reference = compiled.program, ReferenceModel(model)
    placed = [program.tensors[program.inputs[0]]]
    placed += [program.tensors[layer.output] for layer in program.layers]
    places = [(tensor.offset, tensor.tensor.size_bytes) for tensor in placed]
    parts = [np.array([len(inputs), *np.ravel(places)], "<i4").tobytes()]
    for case in inputs:
        results = reference.run(case.inputs)
        for tensor in placed:
            values = results[tensor.tensor.source_index]
            kept = tensor.tensor.channels
            parts.append((values if kept is None else values[..., list(kept)]).tobytes())
    return b"".join(parts)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A large dense layer at batch 1 on a device with 2 KB of main stack."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.baremetal import BOARDS, build_baremetal, qemu_session
from support.benchmark_models import cases
from support.convolutions import Dense, fully_connected, output_for
from support.draws import Draws

from microtvm.artifact import write_module_tar
from microtvm.compiler import CompileOptions, compile_model
from microtvm.errors import SessionError
from microtvm.project.project import GeneratedProject, create_project
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

_INPUTS, _OUTPUTS = 640, 128
_STACK_BYTES = 2048
_CORES = {"mps2_an386": "cortex-m4", "mps2_an500": "cortex-m7"}
_PLATFORMS = (
    pytest.param("baremetal", marks=pytest.mark.arm),
    pytest.param("zephyr", marks=pytest.mark.zephyr),
)


def _model() -> bytes:
    draws = Draws(1)
    source = draws.quantized().operand((1, _INPUTS))
    return fully_connected(source, _INPUTS, Dense(_OUTPUTS), output_for(source, _INPUTS, draws))


def _build(model: bytes, board: str, platform: str, folder: Path) -> GeneratedProject:
    archive = folder / "module.tar"
    write_module_tar(compile_model(model, CompileOptions(Target(_CORES[board]))), archive)
    settings = {"platform": platform, "board": board, "main_stack_size": _STACK_BYTES}
    project = create_project(folder / "project", archive, settings)
    project.build()
    project.flash()
    return project


@pytest.mark.parametrize("platform", _PLATFORMS)
@pytest.mark.parametrize("board", BOARDS)
def test_a_large_dense_layer_runs_in_it(board: str, platform: str, tmp_path: Path) -> None:
    model = _model()
    reference = ReferenceModel(model)
    with _build(model, board, platform, tmp_path).open_session() as session:
        (layer,) = session.model.layers
        assert (layer.schedule, layer.macs) == ("dsp_dense", _INPUTS * _OUTPUTS)
        (tensor,) = (session.model.tensors[index] for index in session.model.inputs)
        for case in cases([tensor.shape], [tensor.zero_point[0]]):
            session.set_input(0, case.inputs[0])
            session.run()
            expected = reference.run(case.inputs)[reference.outputs[0].index]
            np.testing.assert_array_equal(session.get_output(0), expected, case.name)
        stack = session.stack_high_water()
        assert stack.size == _STACK_BYTES
        assert 0 < stack.used < _STACK_BYTES


@pytest.mark.arm
@pytest.mark.parametrize("board", BOARDS)
def test_a_layer_that_takes_more_is_noticed(board: str, tmp_path: Path) -> None:
    definition = f"-DMICROTVM_MAIN_STACK_SIZE={_STACK_BYTES}"
    image = build_baremetal(tmp_path, board, "host_driven", definition)
    with qemu_session(image, board, "faulty") as session:
        session.set_input(0, np.array([5], np.uint8))
        with pytest.raises(SessionError, match="stack overflow"):
            session.run()

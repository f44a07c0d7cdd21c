# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to inferences on a device: every layer equals LiteRT's reference."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.model_library import read_model_library
from support.benchmark_models import cases, model_files

from microtvm.artifact import write_module_tar
from microtvm.compiler import CompileOptions, compile_model
from microtvm.project.project import GeneratedProject, create_project
from microtvm.resources import boards_dir
from microtvm.session import Session, StackUse
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

# The most bytes of stack from the function that runs a layer down, an interrupt included.
_INFERENCE_LIMIT = 1024
# How far the bound may be above what the cases reach: ways that no case takes.
_SLACK = 128
_BOARDS = {
    "baremetal": (pytest.mark.arm, ("mps2_an386", "mps2_an500")),
    "zephyr": (pytest.mark.zephyr, ("mps2_an385", "mps2_an386", "mps2_an500", "mps2_an521")),
}
_DEVICES = [
    pytest.param(board, platform, marks=mark, id=f"{board}-{platform}")
    for platform, (mark, boards) in _BOARDS.items()
    for board in boards
]


@pytest.mark.parametrize(("board", "platform"), _DEVICES)
@pytest.mark.parametrize("model", model_files(), ids=lambda path: path.stem)
def test_every_layer_equals_the_reference(
    model: Path, board: str, platform: str, tmp_path: Path
) -> None:
    data = model.read_bytes()
    reference = ReferenceModel(data)
    project = _build(data, board, platform, tmp_path)
    with project.open_session() as session:
        for case in cases(*_inputs(session)):
            expected = reference.run(case.inputs)
            for index, values in enumerate(case.inputs):
                session.set_input(index, values)
            wrong = [str(row) for row in session.validate(expected) if row.mismatches]
            assert not wrong, f"{case.name}: {wrong[0]}"
        session.run()
        assert (session.get_output(0) == expected[reference.outputs[0].index]).all()
        _check_stack(project, session.stack_high_water())


@pytest.mark.arm
def test_stripes_equal_the_reference(tmp_path: Path) -> None:
    """The budget is below what the digits model needs whole."""
    data = model_files()[0].read_bytes()
    reference = ReferenceModel(data)
    project = _build(data, "mps2_an386", "baremetal", tmp_path, ram_budget=1200)
    with project.open_session() as session:
        (case, *_) = cases(*_inputs(session))
        rows = session.validate(reference.run(case.inputs))
    assert any(row.tensor.rows is not None for row in rows)
    assert [row.mismatches for row in rows] == [0] * len(rows)


def _build(
    data: bytes, board: str, platform: str, folder: Path, ram_budget: int | None = None
) -> GeneratedProject:
    archive = folder / "module.tar"
    target = Target(find_board(boards_dir(), board).cpu)
    options = CompileOptions(target=target, ram_budget=ram_budget)
    write_module_tar(compile_model(data, options), archive)
    settings = {"platform": platform, "board": board, "project_type": "host_driven"}
    project = create_project(folder / "project", archive, settings)
    project.build()
    project.flash()
    return project


def _check_stack(project: GeneratedProject, mark: StackUse) -> None:
    """The mark is below the bound, and not far; an inference takes little, as was estimated."""
    report = project.stack_report()
    (module,) = read_model_library(project.folder / "model.tar").modules
    inference = report.models[module.name].size
    assert report.program.size is not None, report.program.problem
    assert inference is not None
    # Nothing interrupts on bare metal.
    interrupts = report.interrupt_bytes if project.info().platform == "zephyr" else 0
    assert mark.used <= report.program.size + interrupts
    assert report.program.size <= mark.used + _SLACK
    assert mark.size == report.configured
    assert inference + report.interrupt_bytes <= _INFERENCE_LIMIT
    assert inference <= module.stack_bytes


def _inputs(session: Session) -> tuple[list[tuple[int, ...]], list[int]]:
    tensors = [session.model.tensors[index] for index in session.model.inputs]
    return [tensor.shape for tensor in tensors], [tensor.zero_point[0] for tensor in tensors]

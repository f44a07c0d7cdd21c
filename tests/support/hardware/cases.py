# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What is asked of a device: every layer as LiteRT's, its times, its stack, and its faults."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from microtvm_project.boards import find_board
from microtvm_project.model_library import read_model_library

from microtvm.artifact import write_module_tar
from microtvm.compiler import CompileOptions, compile_model
from microtvm.errors import SessionError
from microtvm.project.project import GeneratedProject, create_project
from microtvm.resources import boards_dir
from microtvm.session import LayerComparison, Session, StackUse
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel
from support.archives import pack, with_sums
from support.benchmark_models import cases
from support.hardware.device import Device
from support.hardware.report import Findings
from support.host_firmware import model_folder

# The most bytes of stack from the function that runs a layer down, an interrupt included.
INFERENCE_LIMIT = 1024
# How far the bound may be above what the cases reach: ways that no case takes.
SLACK = 128
# What the input of the model `faulty` makes go wrong, and the words by which it is told.
FAULTS = {
    "division by zero": (4, "division by zero in thread main"),
    "stack overflow": (5, "stack overflow in thread main"),
    "jump to nowhere": (10, "jump to nowhere in thread main"),
    "hang": (12, "no end of layer 1 within 500 ms"),
}
_LAYER_TIMEOUT_MS = 500
_FINE = 0


def build_model(
    model: bytes, device: Device, folder: Path, ram_budget: int | None = None
) -> GeneratedProject:
    """A project with a model for the device, built."""
    archive = folder / "module.tar"
    target = Target(find_board(boards_dir(), device.board).cpu)
    write_module_tar(compile_model(model, CompileOptions(target, ram_budget=ram_budget)), archive)
    return _build(archive, device, folder)


def build_faulty(device: Device, folder: Path) -> GeneratedProject:
    """A project with the model whose input says how it goes wrong, built."""
    source = model_folder("faulty")
    files = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file()
    }
    archive = folder / "module.tar"
    archive.write_bytes(pack(with_sums(files, "faulty")))
    return _build(archive, device, folder, layer_timeout_ms=_LAYER_TIMEOUT_MS)


def check_model(
    project: GeneratedProject, session: Session, model: bytes, findings: Findings
) -> None:
    """Every layer on every case, then one whole run: its output, times and stack."""
    reference = ReferenceModel(model)
    findings["firmware"] = firmware_facts(session)
    findings["layers"] = layers = [
        {"layer": layer.index, "operator": layer.operator, "schedule": layer.schedule}
        | {"exact": False}
        for layer in session.model.layers
    ]
    wrong: list[str] = []
    exact = {layer.index: True for layer in session.model.layers}
    for count, case in enumerate(cases(*model_inputs(session)), 1):
        expected = reference.run(case.inputs)
        for index, values in enumerate(case.inputs):
            session.set_input(index, values)
        rows = session.validate(expected)
        wrong += [f"{case.name}: {row}" for row in rows if row.mismatches]
        _keep_exact(exact, rows)
        findings["cases"] = count
    for layer in layers:
        layer["exact"] = exact[layer["layer"]]
    assert not wrong, wrong[0]
    session.run()
    assert (session.get_output(0) == expected[reference.outputs[0].index]).all()
    _note_times(session, findings)
    _check_stack(project, session.stack_high_water(), findings)


def check_fault(session: Session, fault: str, findings: Findings) -> None:
    """The device tells the fault by name, starts again and works."""
    number, words = FAULTS[fault]
    findings["firmware"] = firmware_facts(session)
    session.set_input(0, np.array([number], np.uint8))
    with pytest.raises(SessionError) as caught:
        session.run()
    findings.setdefault("faults", {})[fault] = caught.value.found
    assert words in caught.value.found
    session.set_input(0, np.array([_FINE], np.uint8))
    session.run()
    assert session.get_output(0).tolist() == [7]


def model_inputs(session: Session) -> tuple[list[tuple[int, ...]], list[int]]:
    """Shapes and zero points of a model's inputs, as `cases` takes them."""
    tensors = [session.model.tensors[index] for index in session.model.inputs]
    return [tensor.shape for tensor in tensors], [tensor.zero_point[0] for tensor in tensors]


def firmware_facts(session: Session) -> dict[str, Any]:
    """What the device says of itself that a report needs."""
    info = dataclasses.asdict(session.device_info())
    return {key: info[key] for key in ("cpu", "clock_hz", "tick_hz", "firmware_version")}


def _build(archive: Path, device: Device, folder: Path, **settings: str | int) -> GeneratedProject:
    settings |= {"platform": device.platform, "board": device.board, "project_type": "host_driven"}
    project = create_project(folder / "project", archive, settings)
    project.build()
    return project


def _keep_exact(exact: dict[int, bool], rows: list[LayerComparison]) -> None:
    for row in rows:
        exact[row.layer.index] &= row.mismatches == 0


def _note_times(session: Session, findings: Findings) -> None:
    """The ticks of the device's counter: cycles where it counts at the core's clock.

    A layer that moves a few elements may take less than a tick.
    """
    profile = session.profile()
    for layer, row in zip(findings["layers"], profile, strict=True):
        layer["ticks"] = row.ticks
    findings["ticks"] = sum(row.ticks for row in profile)
    idle = [row.layer for row in profile if row.layer.macs and not row.ticks]
    assert not idle, idle[0]


def _check_stack(project: GeneratedProject, mark: StackUse, findings: Findings) -> None:
    """The mark is below the bound, and not far; an inference takes little, as was estimated."""
    report = project.stack_report()
    (module,) = read_model_library(project.folder / "model.tar").modules
    inference = report.models[module.name].size
    assert report.program.size is not None, report.program.problem
    assert inference is not None
    # Nothing interrupts on bare metal.
    interrupts = report.interrupt_bytes if project.info().platform == "zephyr" else 0
    bound = report.program.size + interrupts
    findings["stack"] = {"used": mark.used, "bound": bound, "size": mark.size}
    assert mark.used <= bound
    assert report.program.size <= mark.used + SLACK
    assert mark.size == report.configured
    assert inference + report.interrupt_bytes <= INFERENCE_LIMIT
    assert inference <= module.stack_bytes

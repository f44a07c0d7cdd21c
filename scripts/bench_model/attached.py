# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The models of a project on its board, by the clock that the firmware reads: the core's own cycle
counter where it has one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from microtvm_project.fields import Fields

from bench_model.errors import BenchError
from bench_model.exactness import exact_layers, make_inputs
from bench_model.image import read_image
from bench_model.result import LayerResult, Memory, Result, Subject, total
from microtvm.errors import ArchiveError
from microtvm.project import GeneratedProject
from microtvm.session import DeviceInfo, LayerProfile, Session


def measure_project(folder: Path, model: bytes | None = None) -> Iterator[Result]:
    """Measures each model of a project that is built and flashed.

    Args:
        model: the .tflite file behind the project's only model, to compare its layers with.

    Raises:
        MicroTVMError: the project is not built, or its board does not answer.
    """
    project = GeneratedProject(folder)
    modules = project.info().modules
    if model is not None and len(modules) != 1:
        raise BenchError(f"{folder} has {len(modules)} models", expected="one, to compare it")
    for module in modules:
        with project.open_session(module) as session:
            yield _measure(project, module, session, model)


def cycles(profile: LayerProfile, device: DeviceInfo) -> int:
    """The core's cycles in a layer, from the ticks of a clock that may be another.

    Raises:
        BenchError: the firmware does not know how fast the core is.
    """
    if not device.clock_hz or not device.tick_hz:
        raise BenchError(f"Board {device.board!r} does not know the frequency of its core")
    return round(profile.ticks * device.clock_hz / device.tick_hz)


def _measure(
    project: GeneratedProject, module: str, session: Session, model: bytes | None
) -> Result:
    exact: Mapping[int, bool | None] = {}
    if model is not None:
        exact = exact_layers(model, session)
    inputs = next(make_inputs(session.model))
    for index, values in enumerate(inputs):
        session.set_input(index, values)
    session.run()
    own = _own_metadata(project.folder, module)
    device = session.device_info()
    rows = zip(session.profile(), own.tables("layers"), strict=True)
    layers = tuple(_layer(profile, fields, device, exact) for profile, fields in rows)
    memory = own.table("memory")
    return total(
        Subject(module, "", device.board, device.cpu, measured=True),
        layers,
        Memory(
            workspace_bytes=memory.integer("workspace_bytes"),
            scratch_bytes=max((layer.scratch_bytes for layer in layers), default=0),
            stack_bytes=session.stack_high_water().used,
            code_bytes=read_image(project.info().image(project.folder)).code_bytes(module),
            constant_bytes=memory.integer("constant_bytes"),
        ),
    )


def _layer(
    profile: LayerProfile, fields: Fields, device: DeviceInfo, exact: Mapping[int, bool | None]
) -> LayerResult:
    layer = profile.layer
    count = cycles(profile, device)
    return LayerResult(
        index=layer.index,
        name=layer.name,
        operator=layer.operator,
        schedule=layer.schedule,
        instructions=None,
        cycles=count,
        cycles_high=count,
        stall_cycles=None,
        macs=layer.macs,
        scratch_bytes=fields.integer("scratch_bytes", default=0),
        stack_bytes=None,
        constant_bytes=fields.integer("constant_bytes", default=0),
        bit_exact=exact.get(layer.index),
    )


def _own_metadata(folder: Path, module: str) -> Fields:
    """Our own part of the metadata of a module."""
    for path in sorted((folder / "models").glob("*/metadata.json")):
        values = json.loads(path.read_text(encoding="utf-8"))
        modules = Fields(values, str(path), ArchiveError).table("modules")
        if module in modules:
            return modules.table(module).table("microtvm")
    raise BenchError(f"{folder} has no model named {module!r}")

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to a device with its hottest buffers and weights in a fast memory region."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.boards import find_board
from microtvm_project.elf import read_image
from microtvm_project.model_library import Module, read_model_library
from support.baremetal import qemu_transport
from support.benchmark_models import Case, cases, model_files, require_model
from support.regions import places
from support.two_models import on_device

from microtvm.artifact import write_module_tar
from microtvm.cli.main import main
from microtvm.compiler import CompileOptions, compile_model
from microtvm.project.project import GeneratedProject, create_project
from microtvm.resources import boards_dir
from microtvm.session import ModelMetadata, Session, read_metadata
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

# Of the 64 KB of fast memory: what the workspace may have, less than it could use, and constants.
_FAST = {"digits_int8": (1024, 2048), "vww_96_int8": (24_576, 32_768)}
_CASES = 3
_PLATFORMS = (
    pytest.param("baremetal", marks=pytest.mark.arm),
    pytest.param("zephyr", marks=pytest.mark.zephyr),
)


def _compile(name: str, board: str, folder: Path, *flags: str) -> Path:
    workspace, constants = _FAST[name]
    output = folder / "module.tar"
    words = [
        *("tvmc", "compile", str(require_model(name)), "--board", board, "-o", str(output)),
        *("--workspace-pools", "dtcm,ram"),
        *("--workspace-pools-size-hint-bytes", f"dtcm:{workspace}"),
        *("--workspace-pools-read-latency-cycles", "ram:1"),
        *("--constant-pools", "dtcm,flash"),
        *("--constant-pools-size-hint-bytes", f"dtcm:{constants}"),
        *("--constant-pools-read-latency-cycles", "flash:1"),
        *flags,
    ]
    assert main(words[1:]) == 0
    return output


def _build(archive: Path, board: str, platform: str, folder: Path) -> GeneratedProject:
    settings = {"platform": platform, "board": board, "project_type": "host_driven"}
    project = create_project(folder / "project", archive, settings)
    project.build()
    return project


def _module(archive: Path) -> Module:
    (module,) = read_model_library(archive).modules
    return module


def _drawn(model: ModelMetadata) -> Iterator[Case]:
    tensors = [model.tensors[index] for index in model.inputs]
    points = [tensor.zero_point[0] for tensor in tensors]
    return cases([tensor.shape for tensor in tensors], points)


def _assert_exact(session: Session, data: bytes) -> None:
    reference = ReferenceModel(data)
    tensors = [session.model.tensors[index] for index in session.model.inputs]
    drawn = cases(
        [tensor.shape for tensor in tensors], [tensor.zero_point[0] for tensor in tensors]
    )
    for case in itertools.islice(drawn, _CASES):
        expected = reference.run(case.inputs)
        for index, values in enumerate(case.inputs):
            session.set_input(index, values)
        wrong = [str(row) for row in session.validate(expected) if row.mismatches]
        assert not wrong, f"{case.name}: {wrong[0]}"
        session.set_input(0, case.inputs[0])
        session.run()
        np.testing.assert_array_equal(
            session.get_output(0), expected[reference.outputs[0].index], case.name
        )


@pytest.mark.parametrize("platform", _PLATFORMS)
@pytest.mark.parametrize("name", _FAST)
def test_every_layer_equals_the_reference(name: str, platform: str, tmp_path: Path) -> None:
    archive = _compile(name, "mps2_an500", tmp_path)
    project = _build(archive, "mps2_an500", platform, tmp_path)
    pools = {pool.name: pool.size_bytes for pool in _module(archive).pools}
    workspace, _ = _FAST[name]
    assert 0 < pools["dtcm"] <= workspace
    assert pools["ram"] > 0
    with project.open_session() as session:
        assert {pool.name: pool.size for pool in session.pools()} == pools
        (path,) = (path for path in model_files() if path.stem == name)
        _assert_exact(session, path.read_bytes())


@pytest.mark.arm
def test_inputs_and_outputs_beside_the_workspace(tmp_path: Path) -> None:
    archive = _compile("digits_int8", "mps2_an500", tmp_path, "--io", "caller")
    project = _build(archive, "mps2_an500", "baremetal", tmp_path)
    assert [pool.name for pool in _module(archive).pools] == ["dtcm", "ram", "io"]
    with project.open_session() as session:
        _assert_exact(session, model_files()[0].read_bytes())


@pytest.mark.arm
def test_two_models_by_turns_with_memory_of_their_own(tmp_path: Path) -> None:
    """One in two regions, one in the main RAM; each layer runs between two of the other model."""
    board, data = find_board(boards_dir(), "mps2_an500"), model_files()[0].read_bytes()
    first = _compile("digits_int8", board.name, tmp_path, "--module-name", "first")
    second = tmp_path / "second.tar"
    options = CompileOptions(Target(board.cpu), module_name="second")
    write_module_tar(compile_model(data, options), second)
    settings = {"board": board.name, "additional_models": str(second), "workspace": "own"}
    project = create_project(tmp_path / "project", first, {"platform": "baremetal", **settings})
    project.build()
    models = [
        read_metadata(project.folder / "models" / name / "metadata.json", name)
        for name in ("first", "second")
    ]
    image = project.info().image(project.folder)
    reference = ReferenceModel(data)
    with on_device(qemu_transport(image, board.name), models) as pair:
        one, other = itertools.islice(_drawn(models[0]), 2)
        for model, case in zip(pair, (one, other), strict=True):
            model.write(*case.inputs)
        for layer in range(1, max(len(model.layers) for model in models) + 1):
            for model in pair:
                if layer <= len(model.metadata.layers):
                    model.run_layer(layer)
        for model, case in zip(pair, (one, other), strict=True):
            expected = reference.run(case.inputs)[reference.outputs[0].index]
            output = model.metadata.tensors[model.metadata.outputs[0]].name
            np.testing.assert_array_equal(model.read(output), expected.reshape(-1), case.name)


@pytest.mark.zephyr
@pytest.mark.parametrize("name", _FAST)
def test_the_map_of_a_board_with_tightly_coupled_memory(name: str, tmp_path: Path) -> None:
    board = find_board(boards_dir(), "nucleo_f746zg")
    archive = _compile(name, board.name, tmp_path)
    project = _build(archive, board.name, "zephyr", tmp_path)
    elf = project.info().image(project.folder)
    found = places(read_image(elf), board, prefixes=("weights_", "packed_", "bias_"))
    assert (found.pop("pool_dtcm"), found.pop("pool_ram")) == ("dtcm", "ram")
    assert set(found.values()) == {"dtcm", "flash"}
    sizes = {pool.name: pool.size_bytes for pool in _module(archive).pools}
    (constants,) = _module(archive).constant_pools
    text = (elf.parent / "zephyr.map").read_text(encoding="utf-8")
    pool, fast = (
        _output_section(text, f".microtvm.{kind}.dtcm") for kind in ("pools", "constants")
    )
    assert pool == [0x20000000, sizes["dtcm"]]
    assert 0x20000000 + sizes["dtcm"] <= fast[0] < 0x20010000
    assert fast[1] >= constants.size_bytes > 0


def _output_section(linker_map: str, name: str) -> list[int]:
    """Its address and size."""
    found = re.search(rf"\n{re.escape(name)}\s+0x(\w+)\s+0x(\w+)", linker_map)
    assert found is not None
    return [int(part, 16) for part in found.groups()]

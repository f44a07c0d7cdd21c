# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From the flags of pools to a device: what lies in which region, and every layer is right."""

from __future__ import annotations

import itertools
import shlex
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.elf import read_image
from support.benchmark_models import cases, require_model

from microtvm.cli.main import main
from microtvm.project.project import GeneratedProject
from microtvm.resources import boards_dir
from microtvm.validate.reference import ReferenceModel

_BOARD = "mps2_an500"
_SLOW = "--workspace-pools-read-latency-cycles ram:2"
# All of it fits 64 KB; weights fill the rest.
_FLAGS = f"--workspace-pools dtcm,ram {_SLOW} --constant-pools dtcm"


@pytest.mark.arm
def test_vww_in_a_fast_region_of_64_kb(tmp_path: Path) -> None:
    model = require_model("vww_96_int8")
    archive, folder = tmp_path / "module.tar", tmp_path / "project"
    words = ["--board", _BOARD, "-o", str(archive), *shlex.split(_FLAGS)]
    assert main(["compile", str(model), *words]) == 0
    option = ["--project-option", f"board={_BOARD}"]
    assert main(["micro", "create-project", str(folder), str(archive), "baremetal", *option]) == 0
    assert main(["micro", "build", str(folder)]) == 0
    _assert_placed(
        folder / "build" / "microtvm.elf", {"dtcm": {"pool_dtcm", "packed_1"}, "ram": {"pool_ram"}}
    )
    _assert_exact(model.read_bytes(), GeneratedProject(folder))


def _assert_placed(elf: Path, expected: dict[str, set[str]]) -> None:
    board = find_board(boards_dir(), _BOARD)
    regions = {region.name: region for region in board.memory}
    symbols = {symbol.name: symbol for symbol in read_image(elf).symbols}
    for name, wanted in expected.items():
        for symbol in (symbols[own] for own in wanted):
            assert regions[name].address <= symbol.address, symbol
            assert symbol.address + symbol.size <= regions[name].end, symbol


def _assert_exact(data: bytes, project: GeneratedProject) -> None:
    reference = ReferenceModel(data)
    with project.open_session() as session:
        tensors = [session.model.tensors[index] for index in session.model.inputs]
        shapes = [tensor.shape for tensor in tensors]
        drawn = cases(shapes, [tensor.zero_point[0] for tensor in tensors])
        for case in itertools.islice(drawn, 2):
            expected = reference.run(case.inputs)
            for index, values in enumerate(case.inputs):
                session.set_input(index, values)
            wrong = [str(row) for row in session.validate(expected) if row.mismatches]
            assert not wrong, f"{case.name}: {wrong[0]}"
            session.run()
            assert (session.get_output(0) == expected[reference.outputs[0].index]).all()

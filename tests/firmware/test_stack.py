# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bound on the bare-metal firmware's stack, against what runs take, and where there is none."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.elf import read_image
from microtvm_project.stack.measure import call_graph, measure_stack
from microtvm_project.stack.report import StackReport
from support.baremetal import BOARDS, build_baremetal, qemu_session, run_standalone
from support.host_firmware import write_models

pytestmark = pytest.mark.arm

# Ways that the runs here do not take: other requests, and branches of the C library's functions.
_SLACK = 128


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _build(
    folder: Path, board: str, program: str, models: tuple[str, ...]
) -> tuple[Path, StackReport]:
    """Builds with some of the models; returns the image and the report."""
    write_models(folder / "models")
    for path in (folder / "models").iterdir():
        if path.name not in models:
            path.unlink()
    image = build_baremetal(folder, board, program)
    return image, measure_stack(image, image.parent, "baremetal", "single", models)


def test_a_session_stays_below_the_bound(tmp_path: Path, board: str) -> None:
    image, report = _build(tmp_path, board, "host_driven", ("big", "stub"))
    with qemu_session(image, board, "stub") as session:
        session.set_input(0, np.zeros((1, 8), np.int8))
        session.run()
        session.profile()
        session.get_output()
        mark = session.stack_high_water().used
    assert report.program.size is not None
    assert mark <= report.program.size <= mark + _SLACK
    assert report.program.path[0].function == "main"
    assert {name: bound.size is not None for name, bound in report.models.items()} == {
        "big": True,
        "stub": True,
    }


def test_a_run_without_a_host_stays_below_the_bound(tmp_path: Path, board: str) -> None:
    image, report = _build(tmp_path, board, "standalone", ("big", "stub"))
    status, lines = run_standalone(image, board)
    assert status == 0
    (line,) = (line for line in lines if line.startswith("stack used "))
    match = re.fullmatch(r"stack used (\d+) of (\d+)", line)
    assert match is not None
    assert report.program.size is not None
    assert int(match[1]) <= report.program.size <= int(match[1]) + _SLACK
    assert int(match[2]) == report.configured


def test_a_model_that_calls_itself_has_no_bound(tmp_path: Path) -> None:
    _, report = _build(tmp_path, BOARDS[0], "host_driven", ("faulty", "stub"))
    assert report.bound is None
    assert re.match(
        r"functions call each other in a circle: recurse\w* -> ", report.program.problem
    )
    assert report.program.path[0].function == "main"
    assert report.models["faulty"].size is None
    assert report.models["stub"].size is not None


def test_the_fault_handlers_stack_holds_its_report(tmp_path: Path) -> None:
    """A fault is reported on a stack of its own, in startup.c."""
    image, _ = _build(tmp_path, BOARDS[0], "host_driven", ("stub",))
    symbols = {symbol.name: symbol for symbol in read_image(image).symbols}
    bound = call_graph(image, image.parent).bound(symbols["board_fault"].address)
    assert bound.size is not None, bound.problem
    assert 0 < bound.size <= symbols["board_fault_stack"].size

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions over a bad serial line: the port's own code, a pseudo-terminal, QEMU behind it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.transports import SerialTransport
from support.baremetal import BOARDS, shared_image
from support.damage import KINDS, Damage
from support.faulty_terminal import FaultyTerminal
from support.firmware_models import (
    big_inputs,
    big_outputs,
    stub_hidden,
    stub_output,
)
from support.host_firmware import model_folder
from support.projects import generate_stub
from support.qemu_board import QemuBoard

from microtvm.project import GeneratedProject
from microtvm.session import Patience, Session, read_metadata

pytestmark = pytest.mark.arm

RATE = 0.01
SESSIONS = 100

# One of them carries tensors of 16 KB, which takes as long as twenty others.
BIG = SESSIONS // 2

# Shorter than a session's own, since a line that loses the end of a frame is silent for so long.
QUICK = Patience(reply_s=0.05, attempts=200, total_s=60.0)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QemuBoard]:
    """A board that stays on."""
    image = shared_image(tmp_path_factory, BOARDS[0], "host_driven")
    with QemuBoard(image, BOARDS[0]) as board:
        yield board


@contextlib.contextmanager
def faulty_line(board: QemuBoard, rate: float, seed: int) -> Iterator[FaultyTerminal]:
    damage = (Damage(rate, 2 * seed), Damage(rate, 2 * seed + 1))
    with FaultyTerminal(board.port, *damage) as line:
        yield line


def session_over(path: str, model: str) -> Session:
    metadata = read_metadata(model_folder(model) / "metadata.json")
    return Session(SerialTransport(path, 115200), metadata, quick=QUICK, slow=QUICK)


def run_stub(path: str, draw: np.random.Generator) -> None:
    with session_over(path, "stub") as session:
        values = draw.integers(-128, 128, (1, 8), np.int8)
        session.set_input(0, values)
        session.run()
        np.testing.assert_array_equal(session.get_output(), stub_output(values))
        session.run_layer(1)
        np.testing.assert_array_equal(session.get_tensor("hidden"), stub_hidden(values))
        session.run_layer(2)
        values = draw.integers(-128, 128, (1, 8), np.int8)
        reference = {0: values, 1: stub_hidden(values), 2: stub_output(values)}
        assert [row.mismatches for row in session.validate(reference)] == [0, 0]


def run_big(path: str, seed: int) -> None:
    values, kept = big_inputs(seed)
    with session_over(path, "big") as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))


def test_every_result_of_a_hundred_sessions_is_right(board: QemuBoard) -> None:
    with faulty_line(board, RATE, seed=1) as line:
        for number in range(SESSIONS):
            if number == BIG:
                run_big(line.path, number)
            else:
                run_stub(line.path, np.random.default_rng(number))
        for kind in KINDS:
            for damage in line.damage:
                assert damage.count[kind] > SESSIONS, "the line was too good"


def test_sessions_by_way_of_the_project_s_server(board: QemuBoard, tmp_path: Path) -> None:
    generate_stub(tmp_path / "project", board=BOARDS[0])
    project = GeneratedProject(tmp_path / "project")
    values = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)
    reference = {0: values, 1: stub_hidden(values), 2: stub_output(values)}
    with faulty_line(board, RATE, seed=2) as line:
        for _ in range(3):
            with project.open_session(options={"port": line.path}) as session:
                for _ in range(5):
                    assert [row.mismatches for row in session.validate(reference)] == [0, 0]
        assert line.counts().total() > 30, "the line was too good"

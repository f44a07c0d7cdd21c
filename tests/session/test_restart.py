# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The reset button pressed in the middle: the session goes on, or says so in one error."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import numpy as np
import pytest
from microtvm_project.transports import SerialTransport
from support.baremetal import BOARDS, shared_image
from support.damage import Damage
from support.faulty_terminal import FaultyTerminal
from support.firmware_models import Array, big_inputs, big_outputs, big_sums, stub_output
from support.host_firmware import model_folder
from support.qemu_board import QemuBoard

from microtvm.errors import DeviceRestartedError
from microtvm.session import Patience, Session, read_metadata

pytestmark = pytest.mark.arm

# A quarter of a tensor, which is in the middle of its transfer.
MIDDLE = 4000

QUICK = Patience(reply_s=0.1, attempts=100, total_s=60.0)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QemuBoard]:
    """A board that stays on."""
    image = shared_image(tmp_path_factory, BOARDS[0], "host_driven")
    with QemuBoard(image, BOARDS[0]) as board:
        yield board


@contextlib.contextmanager
def line(board: QemuBoard, rate: float = 0.0, seed: int = 0) -> Iterator[FaultyTerminal]:
    with FaultyTerminal(board.port, Damage(rate, seed), Damage(rate, seed + 1)) as opened:
        yield opened


def session_over(path: str, model: str) -> Session:
    metadata = read_metadata(model_folder(model) / "metadata.json")
    return Session(SerialTransport(path, 115200), metadata, quick=QUICK, slow=QUICK)


def test_while_an_input_is_written(board: QemuBoard) -> None:
    values, kept = big_inputs(1)
    with line(board) as passing, session_over(passing.path, "big") as session:
        session.set_input("kept", kept)
        session.set_input("values", values)
        before = session.device_info().starts
        with passing.after(MIDDLE, board.press_reset):
            session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))
        assert session.device_info().starts == before + 1


def test_while_a_model_runs(board: QemuBoard) -> None:
    with line(board) as passing, session_over(passing.path, "faulty") as session:
        session.set_input(0, np.array([6], np.uint8))
        session.run()
        before = session.device_info().starts
        began = time.monotonic()
        session.set_input(0, np.array([6], np.uint8))
        with passing.after(60, board.press_reset):
            session.run()
        assert time.monotonic() - began < 10.0
        assert session.get_output().tolist() == [7]
        assert session.device_info().starts == before + 1


def test_while_a_tensor_is_read(board: QemuBoard) -> None:
    values, kept = big_inputs(2)
    with line(board) as passing, session_over(passing.path, "big") as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        session.run()
        with (
            passing.after(MIDDLE, board.press_reset),
            pytest.raises(DeviceRestartedError, match="has started again in the middle of this"),
        ):
            session.get_output()
        session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))


def test_between_two_layers(board: QemuBoard) -> None:
    values, kept = big_inputs(3)
    with session_over(board.port, "big") as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        session.run_layer(1)
        board.press_reset()
        with pytest.raises(DeviceRestartedError, match=r"start [0-9]+ since power-on"):
            session.run_layer(2)
        session.run_layer(1)
        np.testing.assert_array_equal(session.get_tensor("sums"), big_sums(values, kept))


def test_before_a_run_whose_inputs_are_there(board: QemuBoard) -> None:
    values = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)
    with session_over(board.port, "stub") as session:
        session.set_input(0, values)
        for _ in range(3):
            board.press_reset()
            session.run()
            np.testing.assert_array_equal(session.get_output(), stub_output(values))


@pytest.mark.parametrize("seed", range(12))
def test_on_a_line_that_loses_the_notice(board: QemuBoard, seed: int) -> None:
    """Whatever arrives of it: a right result, or the one error."""
    draw = np.random.default_rng(seed)
    values = draw.integers(-128, 128, (1, 8), np.int8)
    with line(board, 0.03, seed) as passing, session_over(passing.path, "stub") as session:
        for _ in range(5):
            session.set_input(0, values)
            with passing.after(int(draw.integers(10, 200)), board.press_reset):
                outputs = outputs_of(session)
            np.testing.assert_array_equal(outputs, stub_output(values))


def outputs_of(session: Session) -> Array:
    while True:
        session.run()
        with contextlib.suppress(DeviceRestartedError):
            return session.get_output()

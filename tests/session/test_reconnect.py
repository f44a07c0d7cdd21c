# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions whose board drops off USB: the port vanishes in the middle, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.reconnect import ReconnectingTransport
from microtvm_project.transports import SerialTransport
from support.baremetal import BOARDS, shared_image
from support.damage import Damage
from support.faulty_terminal import FaultyTerminal
from support.firmware_models import big_inputs, big_outputs
from support.host_firmware import model_folder
from support.qemu_board import QemuBoard

from microtvm.errors import DeviceRestartedError, TransportClosedError
from microtvm.session import Session, read_metadata

pytestmark = pytest.mark.arm

# Less than a quarter of a tensor.
SOME_BYTES = 4000

AWAY_S = 0.2


class Cable:
    """A cable to the board, which can be pulled out of the host while the board runs on."""

    def __init__(self, board: QemuBoard, name: Path) -> None:
        self._board = board
        self.name = name
        self.plug_in()

    def plug_in(self) -> None:
        self.line = FaultyTerminal(self._board.port, Damage(0.0, 0), Damage(0.0, 0))
        self.line.__enter__()
        self.name.symlink_to(self.line.path)

    def pull_out(self) -> None:
        self.name.unlink(missing_ok=True)
        self.line.__exit__(None, None, None)

    def pull_out_and_plug_in(self) -> None:
        self.pull_out()
        time.sleep(AWAY_S)
        self.plug_in()

    def lose_power(self) -> None:
        """What a cable does that is the board's power supply too."""
        self.pull_out()
        self._board.press_reset()
        time.sleep(AWAY_S)
        self.plug_in()


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QemuBoard]:
    """A board that stays on."""
    image = shared_image(tmp_path_factory, BOARDS[0], "host_driven")
    with QemuBoard(image, BOARDS[0]) as board:
        yield board


@pytest.fixture
def cable(board: QemuBoard, tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(board, tmp_path / "ttyACM0")
    yield cable
    cable.pull_out()


def session_over(cable: Cable, wait_s: float = 20.0) -> Session:
    metadata = read_metadata(model_folder("big") / "metadata.json")
    transport = ReconnectingTransport(
        lambda: SerialTransport(str(cable.name), 115200), wait_s=wait_s
    )
    return Session(transport, metadata)


def test_a_session_goes_on_when_the_port_is_back(cable: Cable) -> None:
    values, kept = big_inputs(1)
    with session_over(cable) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        starts = session.device_info().starts
        with cable.line.after(SOME_BYTES, cable.pull_out_and_plug_in):
            session.run()
        assert session._device()._link.reconnections == 1
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))
        with cable.line.after(SOME_BYTES, cable.pull_out_and_plug_in):
            outputs = session.get_output()
        assert session._device()._link.reconnections == 2
        np.testing.assert_array_equal(outputs, big_outputs(values, kept))
        assert session.device_info().starts == starts


def test_a_board_that_lost_its_power_runs_again_from_its_inputs(cable: Cable) -> None:
    values, kept = big_inputs(2)
    with session_over(cable) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        with cable.line.after(SOME_BYTES, cable.lose_power):
            session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))
        with (
            cable.line.after(SOME_BYTES, cable.lose_power),
            pytest.raises(DeviceRestartedError, match="has started again"),
        ):
            session.get_output()


def test_a_port_that_stays_away_ends_the_session_with_one_error(cable: Cable) -> None:
    values, kept = big_inputs(3)
    with session_over(cable, wait_s=0.5) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        with (
            cable.line.after(SOME_BYTES, cable.pull_out),
            pytest.raises(TransportClosedError, match=r"was lost: .* not back within 0\.5 s"),
        ):
            session.run()

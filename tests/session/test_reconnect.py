# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions whose board drops off USB: the port vanishes in the middle, and comes back."""

from __future__ import annotations

import contextlib
import threading
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

from microtvm.errors import TransportClosedError
from microtvm.session import Session, read_metadata

pytestmark = pytest.mark.arm


# Less than a quarter of a tensor.
SOME_BYTES = 4000


class Cable:
    """A cable to the board, which can be pulled out of the host while the board runs on."""

    def __init__(self, board: QemuBoard, name: Path) -> None:
        self._board = board
        self.name = name
        self._line: FaultyTerminal | None = None

    def plug_in(self) -> None:
        self._line = FaultyTerminal(self._board.port, Damage(0.0, 0), Damage(0.0, 0))
        self._line.__enter__()
        self.name.symlink_to(self._line.path)

    def wait_for(self, count: int) -> None:
        assert self._line is not None
        self._line.wait_for(count)

    def pull_out(self) -> None:
        if self._line is not None:
            self.name.unlink()
            self._line.__exit__(None, None, None)
            self._line = None


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QemuBoard]:
    """A board that stays on."""
    image = shared_image(tmp_path_factory, BOARDS[0], "host_driven")
    with QemuBoard(image, BOARDS[0]) as board:
        yield board


@pytest.fixture
def cable(board: QemuBoard, tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(board, tmp_path / "ttyACM0")
    cable.plug_in()
    yield cable
    cable.pull_out()


def session_over(cable: Cable, wait_s: float = 20.0) -> Session:
    metadata = read_metadata(model_folder("big") / "metadata.json")
    transport = ReconnectingTransport(
        lambda: SerialTransport(str(cable.name), 115200), wait_s=wait_s
    )
    return Session(transport, metadata)


@contextlib.contextmanager
def pulled_out_meanwhile(cable: Cable, *, comes_back: bool) -> Iterator[None]:
    """Pulls the cable out when some of the block's bytes have passed."""

    def pull() -> None:
        cable.wait_for(SOME_BYTES)
        cable.pull_out()
        time.sleep(0.2)
        if comes_back:
            cable.plug_in()

    thread = threading.Thread(target=pull)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_a_session_goes_on_when_the_port_is_back(cable: Cable) -> None:
    values, kept = big_inputs(1)
    with session_over(cable) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        with pulled_out_meanwhile(cable, comes_back=True):
            session.run()
        assert session._device()._link.reconnections == 1
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))
        with pulled_out_meanwhile(cable, comes_back=True):
            outputs = session.get_output()
        assert session._device()._link.reconnections == 2
        np.testing.assert_array_equal(outputs, big_outputs(values, kept))


def test_a_port_that_stays_away_ends_the_session_with_one_error(cable: Cable) -> None:
    values, kept = big_inputs(2)
    with session_over(cable, wait_s=0.5) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        with (
            pulled_out_meanwhile(cable, comes_back=False),
            pytest.raises(TransportClosedError, match=r"was lost: .* not back within 0\.5 s"),
        ):
            session.run()

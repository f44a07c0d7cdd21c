# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions over lines that damage bytes: every result is right, and nothing happens twice."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.transports import Transport
from support.firmware_models import big_inputs, big_outputs, stub_hidden, stub_output
from support.host_firmware import FaultyTransport, HostTransport, model_folder

from microtvm.errors import MicroTVMError, TransportTimeoutError
from microtvm.session import Patience, Session, read_metadata

RATE = 0.01


def faulty_session(firmware: Path, name: str, seed: int, rate: float = RATE) -> Session:
    line = FaultyTransport(HostTransport(firmware / "host_driven"), rate, seed)
    return Session(line, read_metadata(model_folder(name) / "metadata.json"))


@pytest.mark.parametrize("seed", range(8))
def test_every_run_and_layer_is_right(host_firmware: Path, seed: int) -> None:
    draw = np.random.default_rng(seed)
    with faulty_session(host_firmware, "stub", seed) as session:
        for _ in range(60):
            values = draw.integers(-128, 128, (1, 8), np.int8)
            session.set_input(0, values)
            session.run()
            np.testing.assert_array_equal(session.get_output(), stub_output(values))
            session.run_layer(1)
            np.testing.assert_array_equal(session.get_tensor("hidden"), stub_hidden(values))
            session.run_layer(2)
            assert [row.ticks for row in session.profile()] == [1, 1]
            assert session.stack_high_water().used == 1234
        transport = session._transport
        assert isinstance(transport, FaultyTransport)
        assert transport.damage.count.total() > 200


@pytest.mark.parametrize("seed", range(2))
def test_large_tensors_come_through(host_firmware: Path, seed: int) -> None:
    """Frames of 1 KB never do at this rate: the parts must become smaller."""
    values, kept = big_inputs(seed)
    with faulty_session(host_firmware, "big", seed) as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))


def test_parts_grow_again_on_a_line_that_is_good_again(host_firmware: Path) -> None:
    values, kept = big_inputs(1)
    with faulty_session(host_firmware, "big", 1) as session:
        device = session._device()
        device._part = 32
        transport = session._transport
        assert isinstance(transport, FaultyTransport)
        transport.damage.rate = 0.0
        session.set_input("values", values)
        session.set_input("kept", kept)
        session.run()
        assert device._part == device._largest_part


def test_a_reset_over_a_faulty_line(host_firmware: Path) -> None:
    values = np.full((1, 8), 3, np.int8)
    for seed in range(5):
        with faulty_session(host_firmware, "stub", seed) as session:
            session.set_input(0, values)
            session.reset()
            session.run()
            np.testing.assert_array_equal(session.get_output(), stub_output(values))


def test_a_line_that_damages_everything_is_an_error(host_firmware: Path) -> None:
    with pytest.raises(TransportTimeoutError, match="frames of this session arrived damaged"):
        faulty_session(host_firmware, "stub", 1, rate=0.7).__enter__()


class NoiseTransport(Transport):
    """A port from which only random bytes come, most of them likely ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def read(self, size: int, timeout_s: float | None) -> bytes:
        if timeout_s == 0:
            raise TransportTimeoutError("nothing now")
        return self._random.randbytes(self._random.randrange(1, 2000))

    def write(self, data: bytes, timeout_s: float | None) -> None:
        return


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_an_error_and_no_crash(seed: int) -> None:
    model = read_metadata(model_folder("stub") / "metadata.json")
    with pytest.raises(MicroTVMError):
        Session(NoiseTransport(seed), model, quick=Patience(0.1, 5, 5.0)).__enter__()

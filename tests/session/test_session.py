# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The session against the real server, built for this machine."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from microtvm_project.transports import Transport
from support.firmware_models import big_inputs, big_outputs, stub_hidden, stub_output
from support.host_firmware import HostTransport, model_folder

from microtvm.errors import SessionError, TransportTimeoutError
from microtvm.session import ModelMetadata, Patience, Session, read_metadata
from microtvm.session.framing import Decoder, Frame, encode
from microtvm.session.messages import PROTOCOL_VERSION, REPLY

STUB_INPUT = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)


class SilentTransport(Transport):
    """A port at which nobody is."""

    closed = 0

    def open(self) -> None:
        return

    def close(self) -> None:
        self.closed += 1

    def read(self, size: int, timeout_s: float | None) -> bytes:
        raise TransportTimeoutError("silence")

    def write(self, data: bytes, timeout_s: float | None) -> None:
        return


def metadata(name: str) -> ModelMetadata:
    return read_metadata(model_folder(name) / "metadata.json")


def open_model(firmware: Path, model: ModelMetadata) -> Session:
    return Session(HostTransport(firmware / "host_driven"), model)


@pytest.fixture
def stub(host_firmware: Path) -> Iterator[Session]:
    with open_model(host_firmware, metadata("stub")) as session:
        yield session


@pytest.fixture
def big(host_firmware: Path) -> Iterator[Session]:
    with open_model(host_firmware, metadata("big")) as session:
        yield session


def test_runs_a_model(stub: Session) -> None:
    stub.set_input("input", STUB_INPUT)
    assert stub.run() == pytest.approx(2 / 20)
    output = stub.get_output()
    np.testing.assert_array_equal(output, stub_output(STUB_INPUT))
    assert output.dtype == np.int8
    assert output.flags.writeable


def test_runs_again_with_the_input_that_was_set(stub: Session) -> None:
    """The run overwrites the input, so that it must be sent once more."""
    stub.set_input(0, STUB_INPUT)
    for _ in range(3):
        stub.run()
        np.testing.assert_array_equal(stub.get_output("output"), stub_output(STUB_INPUT))


def test_reads_tensors_while_they_are_alive(stub: Session) -> None:
    stub.set_input(0, STUB_INPUT)
    stub.run_layer(1)
    np.testing.assert_array_equal(stub.get_tensor("hidden"), stub_hidden(STUB_INPUT))
    np.testing.assert_array_equal(stub.get_tensor(0), STUB_INPUT)
    with pytest.raises(SessionError, match="'output' cannot be read after layer 1"):
        stub.get_output()
    stub.run_layer(2)
    np.testing.assert_array_equal(stub.get_output(), stub_output(STUB_INPUT))
    with pytest.raises(SessionError, match="layers 0 to 1"):
        stub.get_tensor("input")


def test_layers_must_run_in_order(stub: Session) -> None:
    stub.set_input(0, STUB_INPUT)
    with pytest.raises(SessionError, match="OUT_OF_ORDER"):
        stub.run_layer(2)
    stub.run_layer(1)
    with pytest.raises(SessionError, match="NO_SUCH_LAYER"):
        stub.run_layer(3)


def test_tensors_of_many_frames_and_wide_types(big: Session) -> None:
    values, kept = big_inputs(seed=1)
    big.set_input("values", values)
    big.set_input("kept", kept)
    big.run()
    np.testing.assert_array_equal(big.get_output(), big_outputs(values, kept))


def test_an_input_that_is_not_overwritten_stays(big: Session) -> None:
    values, kept = big_inputs(seed=2)
    big.set_input("values", values)
    big.set_input("kept", kept)
    big.run()
    other, _ = big_inputs(seed=3)
    big.set_input("values", other)
    big.run()
    np.testing.assert_array_equal(big.get_output(), big_outputs(other, kept))


def test_profile_and_stack(stub: Session) -> None:
    with pytest.raises(SessionError, match="NOT_RUN"):
        stub.profile()
    stub.set_input(0, STUB_INPUT)
    stub.run()
    rows = stub.profile()
    assert [(row.layer.operator, row.ticks, row.seconds) for row in rows] == [
        ("relu", 1, 0.05),
        ("add", 1, 0.05),
    ]
    assert dataclasses.astuple(stub.stack_high_water()) == (65536, 1234)
    assert stub.device_info().board == "host"


def test_reset_starts_anew_and_keeps_what_was_set(stub: Session) -> None:
    stub.set_input(0, STUB_INPUT)
    stub.run()
    stub.reset()
    with pytest.raises(SessionError, match="after layer 0"):
        stub.get_output()
    stub.run()
    np.testing.assert_array_equal(stub.get_output(), stub_output(STUB_INPUT))


def test_recovers_when_the_device_was_reset_by_somebody_else(stub: Session) -> None:
    stub.set_input(0, STUB_INPUT)
    stub.run_layer(1)
    stub._device().reset()
    with pytest.raises(SessionError, match="OUT_OF_ORDER"):
        stub.run_layer(2)
    stub.run()
    np.testing.assert_array_equal(stub.get_output(), stub_output(STUB_INPUT))


def test_a_failing_layer_is_an_error(host_firmware: Path) -> None:
    with open_model(host_firmware, metadata("faulty")) as session:
        session.set_input(0, np.array([1], np.uint8))
        with pytest.raises(SessionError, match="LAYER_FAILED"):
            session.run()
        session.set_input(0, np.array([0], np.uint8))
        session.run()
        assert session.get_output().tolist() == [7]


def test_float_values_are_refused_with_the_scale(stub: Session) -> None:
    with pytest.raises(SessionError) as caught:
        stub.set_input(0, np.zeros((1, 8), np.float32))
    assert "float32 of shape (1, 8)" in str(caught.value)
    assert "int8 of shape (1, 8)" in str(caught.value)
    assert "the scale is 0.5, the zero point 0" in str(caught.value)


def test_another_shape_is_refused(stub: Session) -> None:
    with pytest.raises(SessionError, match=r"shape \(8,\)"):
        stub.set_input(0, np.zeros(8, np.int8))


@pytest.mark.parametrize("key", ["hidden", 1, -1])
def test_names_the_inputs_that_there_are(stub: Session, key: str | int) -> None:
    with pytest.raises(SessionError, match="one of 'input'"):
        stub.set_input(key, STUB_INPUT)


def test_a_run_needs_its_inputs(stub: Session) -> None:
    with pytest.raises(SessionError, match="'input' has not been set"):
        stub.run()


def test_a_session_that_is_not_open_says_so(host_firmware: Path) -> None:
    session = open_model(host_firmware, metadata("stub"))
    with pytest.raises(SessionError, match="not open"):
        session.device_info()


def test_another_checksum_is_another_model(host_firmware: Path) -> None:
    model = dataclasses.replace(metadata("stub"), checksum=5)
    with pytest.raises(SessionError, match="holds another model 'stub'"):
        open_model(host_firmware, model).__enter__()


def test_a_missing_model_is_told_with_those_that_there_are(host_firmware: Path) -> None:
    model = dataclasses.replace(metadata("stub"), name="other")
    with pytest.raises(SessionError, match="'big', 'faulty', 'stub'"):
        open_model(host_firmware, model).__enter__()


def test_closes_the_transport_when_opening_fails() -> None:
    transport = SilentTransport()
    with pytest.raises(TransportTimeoutError, match="did not answer DEVICE_INFO"):
        Session(transport, metadata("stub"), quick=Patience(0.1, 3, 1.0)).__enter__()
    assert transport.closed == 1


def test_a_device_with_too_many_models_is_refused(host_firmware: Path) -> None:
    class Boastful(HostTransport):
        def write(self, data: bytes, timeout_s: float | None) -> None:
            (request,) = Decoder().feed(data)
            assert request is not None
            numbers = (PROTOCOL_VERSION, 1024, 65535, 0, 1, 0, 0, 1, 0, 0)
            payload = struct.pack("<HHHIIIIIII", *numbers) + b"\0\0\0"
            self._arrived += encode(Frame(request.sequence, REPLY | request.kind, 0, payload))

    with pytest.raises(SessionError, match="holds 65535 models"):
        Session(Boastful(host_firmware / "host_driven"), metadata("stub")).__enter__()

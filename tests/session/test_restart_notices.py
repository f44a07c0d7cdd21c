# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a host makes of a device that has started again: noticed by its notice, or without it."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from microtvm_project.transports import Transport

from microtvm.errors import (
    DeviceRestartedError,
    SessionError,
    TransportReconnectedError,
    TransportTimeoutError,
)
from microtvm.session.device import Device
from microtvm.session.framing import MAX_PAYLOAD, Decoder, Frame, encode, payload_in
from microtvm.session.link import Link, Patience
from microtvm.session.messages import FAULT, REPLY, START, Kind, Status

PATIENCE = Patience(reply_s=0.01, attempts=4, total_s=60.0)
FAULT_PAYLOAD = struct.pack("<13IB", *range(13), 1) + b"\x04mainbus fault"


class FakeDevice(Transport):
    """A device that answers DEVICE_INFO and LAST_FAULT, and the rest as the test says."""

    def __init__(self) -> None:
        self.starts = 1
        self.fault = b""
        self.status = Status.OK
        self.noise: list[bytes] = []
        self.goes_away = False
        self.kinds: list[int] = []
        self._decoder = Decoder()
        self._said = b""

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def read(self, size: int, timeout_s: float | None) -> bytes:
        if self.goes_away:
            self.goes_away = False
            raise TransportReconnectedError("away for a moment")
        if not self._said:
            raise TransportTimeoutError("silence")
        data, self._said = self._said, b""
        return data

    def write(self, data: bytes, timeout_s: float | None) -> None:
        for frame in self._decoder.feed(data):
            assert frame is not None
            self.kinds.append(frame.kind)
            if self.noise:
                self._said += self.noise.pop(0)
                continue
            self._said += self._answer(frame)

    def _answer(self, frame: Frame) -> bytes:
        status, payload = self.status, b"\x01\0\0\0\x02\0\0\0"
        if frame.kind == Kind.DEVICE_INFO:
            numbers = struct.pack("<HHHIIIIIII", 4, 1024, 1, 0, 1, 0, 0, self.starts, 0, 0)
            status, payload = Status.OK, numbers + b"\x01v\x01b\x01c"
        elif frame.kind == Kind.LAST_FAULT:
            status, payload = Status.OK, self.fault
        elif frame.kind == Kind.RESET:
            self.starts += 1
            return encode(Frame(frame.sequence, REPLY | frame.kind)) + self.start_notice()
        return encode(Frame(frame.sequence, REPLY | frame.kind, status, payload))

    def start_notice(self) -> bytes:
        return encode(Frame(0, START, 0, struct.pack("<I", self.starts)))


def connect(device: FakeDevice) -> Device:
    return Device(Link(device), PATIENCE, PATIENCE)


def started_again_with_a_notice(device: FakeDevice) -> None:
    device.starts += 1
    device.noise = [device.start_notice()]


def started_again_in_silence(device: FakeDevice) -> None:
    device.starts += 1
    device.status = Status.OUT_OF_ORDER


def lost_its_power(device: FakeDevice) -> None:
    """Starts are counted from 1 again; the port was away."""
    device.goes_away = True
    device.status = Status.OUT_OF_ORDER


EVENTS = [started_again_with_a_notice, started_again_in_silence, lost_its_power]


@pytest.mark.parametrize("happens", EVENTS)
def test_a_start_is_told_once(happens: Callable[[FakeDevice], None]) -> None:
    device = FakeDevice()
    connected = connect(device)
    happens(device)
    with pytest.raises(DeviceRestartedError, match=f"start {device.starts} since power-on"):
        connected.run_layer(0, 2)
    device.status = Status.OK
    assert connected.stack().used == 2
    device.status = Status.OUT_OF_ORDER
    with pytest.raises(SessionError, match="another layer must run first") as caught:
        connected.run_layer(0, 2)
    assert not isinstance(caught.value, DeviceRestartedError)


@pytest.mark.parametrize("happens", EVENTS)
def test_a_kept_fault_is_told_in_its_place(happens: Callable[[FakeDevice], None]) -> None:
    device = FakeDevice()
    connected = connect(device)
    happens(device)
    device.fault = FAULT_PAYLOAD
    with pytest.raises(SessionError, match="bus fault in thread main at 0x00000006") as caught:
        connected.run_layer(0, 2)
    assert not isinstance(caught.value, DeviceRestartedError)


def test_a_fault_that_was_told_is_not_told_again() -> None:
    device = FakeDevice()
    connected = connect(device)
    device.noise = [encode(Frame(0, FAULT, 0, FAULT_PAYLOAD))]
    with pytest.raises(SessionError, match="bus fault"):
        connected.run_layer(0, 2)
    device.starts, device.fault = 2, FAULT_PAYLOAD
    device.noise = [device.start_notice()]
    assert connected.stack().used == 2


def test_a_refusal_is_no_start() -> None:
    device = FakeDevice()
    device.starts = 5
    connected = connect(device)
    device.goes_away = True
    device.status = Status.OUT_OF_ORDER
    with pytest.raises(SessionError, match="another layer") as caught:
        connected.run_layer(0, 2)
    assert not isinstance(caught.value, DeviceRestartedError), "power-on would have said 1"


def test_a_start_while_the_session_begins_is_known() -> None:
    device = FakeDevice()
    device.noise = [device.start_notice()]
    connected = connect(device)
    assert connected.has_just_started
    assert not connect(FakeDevice()).has_just_started


def test_a_reset_is_asked_for_again_only_if_it_did_not_arrive() -> None:
    device = FakeDevice()
    connected = connect(device)
    device.noise = [b"\x05lost\0"]
    connected.reset()
    assert connected.info.starts == 2
    reset, info = Kind.RESET, Kind.DEVICE_INFO
    assert [kind for kind in device.kinds if kind in (reset, info)] == [
        *(info, reset, info, reset, info)
    ]


def test_a_reset_whose_reply_is_lost_is_not_asked_for_again() -> None:
    device = FakeDevice()
    connected = connect(device)
    device.starts = 2
    device.noise = [b"\x05lost\0"]
    connected.reset()
    assert device.kinds.count(Kind.RESET) == 1


@pytest.mark.parametrize("size", [20, 100, 254, 300, 1024, 2048, 17408])
def test_the_largest_payload_of_a_frame(size: int) -> None:
    count = min(payload_in(size), MAX_PAYLOAD)
    longest = max(len(encode(Frame(1, 1, 0, bytes([byte]) * count))) for byte in (0, 1))
    assert size - 80 < longest <= size

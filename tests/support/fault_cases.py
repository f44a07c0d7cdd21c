# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a firmware keeps of its faults over resets: the same cases on each port."""

from __future__ import annotations

import time

import pytest
from microtvm_project.transports import Transport

from microtvm.errors import DeviceRestartedError, SessionError, TransportTimeoutError
from microtvm.project.function_names import FunctionNames
from microtvm.session import messages
from microtvm.session.framing import Decoder, encode
from microtvm.session.link import Link, Patience
from microtvm.session.messages import FAULT, MOST_FAULTS, DeviceInfo, Fault, Kind, Request

# The number of the faulty model among those of the firmware, in the order of their folders' names.
FAULTY_NUMBER = 1
DIVISION, HANG = 4, 12

_PATIENCE = Patience(reply_s=5.0, attempts=4, total_s=60.0)


class WithoutFaults(Transport):
    """Loses each frame that tells of a fault."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._decoder = Decoder()
        self.lost = 0

    def open(self) -> None:
        self._inner.open()

    def close(self) -> None:
        self._inner.close()

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._inner.write(data, timeout_s)

    def read(self, size: int, timeout_s: float | None) -> bytes:
        while True:
            frames = self._decoder.feed(self._inner.read(size, timeout_s))
            kept = [frame for frame in frames if frame is not None and frame.kind != FAULT]
            self.lost += len(frames) - len(kept)
            if kept:
                return b"".join(map(encode, kept))


def check_that_a_lost_fault_is_kept(inner: Transport) -> None:
    """The fault frame is lost; LAST_FAULT tells it, and no longer after another reset."""
    wire = WithoutFaults(inner)
    wire.open()
    try:
        link = Link(wire, 7)
        assert (_device_info(link).starts, _last_fault(link)) == (1, None)
        link.exchange(messages.tensor_write(FAULTY_NUMBER, 0, 0, bytes([DIVISION])), _PATIENCE)
        with pytest.raises(DeviceRestartedError):
            link.exchange(messages.run(FAULTY_NUMBER), _PATIENCE)
        assert wire.lost == 1
        link = Link(wire, 70)
        assert _device_info(link).starts == 2
        told = _last_fault(link)
        assert told is not None
        assert (told.reason, told.thread, told.repeated) == ("division by zero", "main", 1)
        assert told.registers.pc != 0
        assert _last_fault(link) == told
        link.exchange(Request(Kind.RESET), _PATIENCE)
        link = Link(wire, 700)
        assert (_device_info(link).starts, _last_fault(link)) == (3, None)
    finally:
        wire.close()


def check_that_faults_between_answers_are_no_loop(wire: Transport) -> None:
    """One fault more than a loop has, but requests are answered between them."""
    wire.open()
    try:
        link = Link(wire, 7)
        for _ in range(MOST_FAULTS + 1):
            link.exchange(messages.tensor_write(FAULTY_NUMBER, 0, 0, bytes([DIVISION])), _PATIENCE)
            with pytest.raises(SessionError, match="stopped and started again: division by zero"):
                link.exchange(messages.run(FAULTY_NUMBER), _PATIENCE)
        assert _device_info(link).starts == MOST_FAULTS + 2
    finally:
        wire.close()


def check_that_a_loop_ends(wire: Transport, names: FunctionNames) -> None:
    """Five starts, five faults; then the last one again and again, and no start.

    The first frames may be lost: QEMU runs before its line is open.
    """
    wire.open()
    try:
        numbers = _faults_in_a_row(wire, seconds=60.0)
        assert numbers == [*range(numbers[0], MOST_FAULTS + 1), MOST_FAULTS, MOST_FAULTS]
        began = time.monotonic()
        with pytest.raises(SessionError) as caught:
            Link(wire, 7, names).exchange(Request(Kind.DEVICE_INFO), _PATIENCE)
        assert time.monotonic() - began < 20.0
        found = caught.value.found
        assert found.startswith("The device stopped 5 times in a row and does not start again: div")
        assert ", in divide_at_start, " in found
    finally:
        wire.close()


def _faults_in_a_row(wire: Transport, seconds: float) -> list[int]:
    """What the frames say until the last fault came three times; all are of faults."""
    decoder = Decoder()
    numbers: list[int] = []
    deadline = time.monotonic() + seconds
    while numbers.count(MOST_FAULTS) < 3:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TransportTimeoutError(f"only the faults {numbers} in {seconds} s")
        for frame in decoder.feed(wire.read(4096, left)):
            assert frame is None or frame.kind == FAULT
            numbers += [messages.parse_fault(frame.payload).repeated] if frame else []
    return numbers


def _device_info(link: Link) -> DeviceInfo:
    reply = link.exchange(Request(Kind.DEVICE_INFO), _PATIENCE)
    return messages.parse_device_info(reply.payload)


def _last_fault(link: Link) -> Fault | None:
    reply = link.exchange(Request(Kind.LAST_FAULT), _PATIENCE)
    return messages.parse_last_fault(reply.payload)

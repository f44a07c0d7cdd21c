# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from microtvm_project.transports import Transport

from microtvm.errors import SessionError, TransportError, TransportTimeoutError
from microtvm.session.framing import Decoder, Frame, encode
from microtvm.session.link import Link, Patience
from microtvm.session.messages import FAULT, REPLY, Kind, Request, Status

PATIENCE = Patience(reply_s=0.5, attempts=4, total_s=60.0)
REQUEST = Request(Kind.STACK, b"ask")

# Takes the request and how often one has come; returns the bytes to answer with.
Answer = Callable[[Frame, int], bytes]


class ScriptedDevice(Transport):
    """Answers each request with what `answer` makes of it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._decoder = Decoder()
        self._arrived = b""
        self.requests: list[Frame] = []

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def read(self, size: int, timeout_s: float | None) -> bytes:
        if not self._arrived:
            raise TransportTimeoutError("silence")
        data, self._arrived = self._arrived[:size], self._arrived[size:]
        return data

    def write(self, data: bytes, timeout_s: float | None) -> None:
        for frame in self._decoder.feed(data):
            assert frame is not None
            self.requests.append(frame)
            self._arrived += self._answer(frame, len(self.requests))


def reply(frame: Frame, payload: bytes = b"answer", status: int = Status.OK) -> bytes:
    return encode(Frame(frame.sequence, REPLY | frame.kind, status, payload))


def exchange(answer: Answer, first_sequence: int | None = None) -> tuple[bytes, ScriptedDevice]:
    device = ScriptedDevice(answer)
    got = Link(device, first_sequence).exchange(REQUEST, PATIENCE)
    return got.payload, device


def test_returns_the_reply() -> None:
    payload, device = exchange(lambda frame, count: reply(frame))
    assert payload == b"answer"
    assert [(f.kind, f.payload) for f in device.requests] == [(Kind.STACK, b"ask")]


def test_returns_a_refusal_as_it_is() -> None:
    device = ScriptedDevice(lambda frame, count: reply(frame, b"", Status.OUT_OF_RANGE))
    assert Link(device).exchange(REQUEST, PATIENCE).status == Status.OUT_OF_RANGE
    assert len(device.requests) == 1


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\x03noise\0",
        encode(Frame(0, REPLY, Status.CORRUPT_FRAME)),
        encode(Frame(1, REPLY | Kind.STACK, 0, b"of an earlier request")),
        encode(Frame(8, REPLY | Kind.RUN, 0, b"to another request")),
        encode(Frame(8, Kind.STACK, 0, b"an echo")),
    ],
)
def test_sends_the_same_frame_again_until_it_is_answered(bad: bytes) -> None:
    payload, device = exchange(
        lambda frame, count: reply(frame) if count == 3 else bad, first_sequence=7
    )
    assert payload == b"answer"
    assert device.requests == [Frame(8, Kind.STACK, 0, b"ask")] * 3


def test_counts_a_new_number_for_each_request_round_the_end() -> None:
    device = ScriptedDevice(lambda frame, count: reply(frame))
    link = Link(device, first_sequence=0xFFFFFFFE)
    for _ in range(3):
        link.exchange(REQUEST, PATIENCE)
    assert [frame.sequence for frame in device.requests] == [0xFFFFFFFF, 0, 1]


def test_two_sessions_start_at_different_numbers() -> None:
    numbers = {exchange(lambda f, c: reply(f))[1].requests[0].sequence for _ in range(4)}
    assert len(numbers) == 4


def test_finds_the_reply_behind_old_ones() -> None:
    old = encode(Frame(3, REPLY | Kind.STACK, 0, b"old"))
    payload, device = exchange(lambda frame, count: old * 3 + reply(frame), first_sequence=7)
    assert payload == b"answer"
    assert len(device.requests) == 1


def test_waits_longer_for_a_device_that_is_at_work() -> None:
    def answer(frame: Frame, count: int) -> bytes:
        pending = encode(Frame(frame.sequence, REPLY, Status.PENDING))
        return pending if count < 10 else reply(frame)

    payload, device = exchange(answer)
    assert payload == b"answer"
    assert len(device.requests) == 10 > PATIENCE.attempts


def test_gives_up_on_silence() -> None:
    device = ScriptedDevice(lambda frame, count: b"")
    with pytest.raises(TransportTimeoutError, match="did not answer STACK, sent 4 times") as caught:
        Link(device).exchange(REQUEST, PATIENCE)
    assert len(device.requests) == PATIENCE.attempts
    assert "baud rate" in str(caught.value)


def test_gives_up_on_a_device_that_never_finishes() -> None:
    device = ScriptedDevice(
        lambda frame, count: encode(Frame(frame.sequence, REPLY, Status.PENDING))
    )
    with pytest.raises(TransportTimeoutError):
        Link(device).exchange(REQUEST, Patience(0.5, 4, total_s=0.05))


def test_gives_up_on_a_device_that_only_talks_of_other_things() -> None:
    class Chatter(ScriptedDevice):
        def read(self, size: int, timeout_s: float | None) -> bytes:
            return encode(Frame(1, REPLY, 0, b"and another thing"))

    with pytest.raises(TransportTimeoutError):
        Link(Chatter(lambda f, c: b""), 7).exchange(REQUEST, Patience(0.5, 4, total_s=0.05))


def fault_payload(reason: bytes, status: int, address: int, stack_size: int) -> bytes:
    registers = [0] * 9
    registers[6] = 0x1234
    numbers = struct.pack("<13IB", *registers, status, 0, address, stack_size, 1)
    return numbers + b"\x04main" + reason


def test_tells_of_a_fault() -> None:
    payload = fault_payload(b"unaligned access", 0x01000000, 0x20000001, 4096)
    with pytest.raises(SessionError) as caught:
        exchange(lambda frame, count: encode(Frame(0, FAULT, 0, payload)))
    assert "unaligned access in thread main at 0x00001234 (r0 0x" in str(caught.value)
    assert "addr2line" in str(caught.value)


def test_tells_what_helps_against_a_full_stack() -> None:
    payload = fault_payload(b"stack overflow", 0x82, 0x1FFFFFFC, 1288)
    with pytest.raises(SessionError, match="main_stack_size") as caught:
        exchange(lambda frame, count: encode(Frame(0, FAULT, 0, payload)))
    assert (
        "The device stopped and started again: stack overflow in thread main at 0x1ffffffc,"
        " 1288 bytes configured (r0 0x00000000, " in caught.value.found
    )
    assert ", pc 0x00001234, " in caught.value.found


def test_a_lost_transport_is_no_reason_to_go_on() -> None:
    class Lost(ScriptedDevice):
        def read(self, size: int, timeout_s: float | None) -> bytes:
            raise TransportError("the cable is out")

    device = Lost(lambda frame, count: b"")
    with pytest.raises(TransportError, match="the cable is out"):
        Link(device).exchange(REQUEST, PATIENCE)
    assert len(device.requests) == 1

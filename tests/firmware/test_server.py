# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The firmware's server, built with sanitizers: any error in its memory ends it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.host_firmware import HostServer, host_server

from microtvm.session import messages
from microtvm.session.framing import Decoder, Frame, encode
from microtvm.session.messages import REPLY, Kind, Status

STUB = 2
INPUT = bytes(range(8))


@pytest.fixture
def server(host_firmware: Path) -> Iterator[HostServer]:
    with host_server(host_firmware / "host_driven") as running:
        yield running


def frames_of(data: bytes) -> list[Frame]:
    frames = Decoder().feed(data)
    assert None not in frames
    return [frame for frame in frames if frame is not None]


def replies(data: bytes) -> list[Frame]:
    return [
        frame
        for frame in frames_of(data)
        if frame.status != Status.PENDING and frame.kind != messages.START
    ]


def ask(server: HostServer, sequence: int, request: messages.Request) -> Frame:
    frame = Frame(sequence, request.kind, 0, request.payload)
    (reply,) = replies(server.send(encode(frame)))
    assert reply.sequence == sequence
    assert reply.kind == REPLY | request.kind
    return reply


def test_answers_the_conversation_of_the_vectors(
    server: HostServer, vectors: dict[str, Any]
) -> None:
    for sequence, vector in enumerate(vectors["messages"], 100):
        request = vector["request"]
        frame = Frame(sequence, request["kind"], 0, bytes.fromhex(request["payload"]))
        (reply,) = replies(server.send(encode(frame)))
        expected = Frame(
            sequence,
            REPLY | request["kind"],
            vector["reply"]["status"],
            bytes.fromhex(vector["reply"]["payload"]),
        )
        assert reply == expected, vector["name"]


def test_a_repeated_request_is_answered_and_not_executed(server: HostServer) -> None:
    """A second execution of layer 2 would be out of order."""
    ask(server, 1, messages.tensor_write(STUB, 0, 0, INPUT))
    ask(server, 2, messages.run_layer(STUB, 1))
    first = ask(server, 3, messages.run_layer(STUB, 2))
    again = ask(server, 3, messages.run_layer(STUB, 2))
    assert first == again
    assert first.status == Status.OK
    assert ask(server, 4, messages.run_layer(STUB, 2)).status == Status.OUT_OF_ORDER


def test_a_repeated_number_with_another_request_is_executed(server: HostServer) -> None:
    """So a session whose first number is by chance the last one's last is heard."""
    ask(server, 1, messages.Request(Kind.STACK))
    assert ask(server, 1, messages.model_info(STUB)).payload.endswith(b"stub")


def test_requests_in_one_piece_and_byte_by_byte(server: HostServer) -> None:
    first = encode(Frame(1, Kind.STACK))
    second = encode(Frame(2, Kind.STACK))
    assert [frame.sequence for frame in replies(server.send(first + second))] == [1, 2]
    answer = b"".join(server.send(bytes([byte])) for byte in encode(Frame(3, Kind.STACK)))
    assert [frame.sequence for frame in replies(answer)] == [3]


@pytest.mark.parametrize("damage", [b"\x05abcd\0", b"boot text\0", b"\x55" * 3000 + b"\0"])
def test_asks_for_a_damaged_frame_again(server: HostServer, damage: bytes) -> None:
    nak = Frame(0, REPLY, Status.CORRUPT_FRAME)
    assert replies(server.send(damage)) == [nak]
    assert ask(server, 1, messages.Request(Kind.STACK)).status == Status.OK


def test_says_that_it_is_alive_between_layers(server: HostServer) -> None:
    ask(server, 1, messages.tensor_write(STUB, 0, 0, INPUT))
    request = messages.run(STUB)
    frames = Decoder().feed(server.send(encode(Frame(2, request.kind, 0, request.payload))))
    assert [(frame.sequence, frame.status) for frame in frames if frame] == [
        (2, Status.PENDING),
        (2, Status.PENDING),
        (2, Status.OK),
    ]


def test_does_not_answer_its_own_replies(server: HostServer) -> None:
    """On a line that sends back what it gets."""
    assert replies(server.send(encode(Frame(1, REPLY | Kind.STACK, 0, b"x")))) == []


def test_reset_answers_and_forgets(server: HostServer) -> None:
    ask(server, 1, messages.tensor_write(STUB, 0, 0, INPUT))
    assert ask(server, 2, messages.Request(Kind.RESET)).status == Status.OK
    assert ask(server, 3, messages.run(STUB)).status == Status.INPUTS_MISSING


def test_each_start_is_told_and_counted(server: HostServer) -> None:
    started = Frame(0, messages.START, 0, (1).to_bytes(4, "little"))
    again = Frame(0, messages.START, 0, (2).to_bytes(4, "little"))
    first = frames_of(server.send(encode(Frame(1, Kind.RESET))))
    assert [frame for frame in first if frame.kind == messages.START] == [started]
    second = frames_of(server.send(encode(Frame(2, Kind.DEVICE_INFO))))
    assert second[0] == again
    assert messages.parse_device_info(second[1].payload).starts == 2
    assert frames_of(server.send(encode(Frame(3, Kind.STACK))))[0].kind == REPLY | Kind.STACK


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_never_crash_it(server: HostServer, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(300):
        server.send(draw.randbytes(draw.randrange(1, 3000)))
    server.send(b"\0")
    assert ask(server, 1, messages.Request(Kind.STACK)).status == Status.OK


@pytest.mark.parametrize("seed", range(4))
def test_random_requests_never_crash_it(server: HostServer, seed: int) -> None:
    """Whole frames with every kind and numbers around each limit."""
    draw = random.Random(seed)
    numbers = [0, 1, 2, 3, 4, 7, 8, 9, 31, 32, 1016, 1024, 65535, 65536, 32784, 2**31, 2**32 - 1]
    for sequence in range(1500):
        others = (Kind.POOL_INFO, Kind.LAST_FAULT, draw.randrange(128))
        kind = draw.choice([*range(10), *range(10), *others])
        payload = b"".join(
            draw.choice(numbers).to_bytes(8, "little")[: draw.choice((2, 2, 4))]
            for _ in range(draw.randrange(6))
        )
        payload += draw.randbytes(draw.choice((0, 0, 1, 8, 900)))
        for reply in replies(server.send(encode(Frame(sequence, kind, 0, payload)))):
            Status(reply.status)
    assert ask(server, 1, messages.Request(Kind.STACK)).status == Status.OK


@pytest.mark.parametrize("seed", range(4))
def test_damaged_requests_never_crash_it(
    server: HostServer, vectors: dict[str, Any], seed: int
) -> None:
    draw = random.Random(seed)
    for sequence in range(20):
        for vector in vectors["messages"]:
            payload = bytes.fromhex(vector["request"]["payload"])
            stream = bytearray(encode(Frame(sequence, vector["request"]["kind"], 0, payload)))
            for _ in range(draw.randrange(4)):
                stream[draw.randrange(len(stream))] ^= 1 << draw.randrange(8)
            server.send(bytes(stream))
    server.send(b"\0")
    assert ask(server, 1, messages.Request(Kind.STACK)).status == Status.OK

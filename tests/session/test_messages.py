# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Callable
from typing import Any

import pytest

from microtvm.errors import SessionError
from microtvm.session import messages
from microtvm.session.messages import Kind, Status

PARSERS: dict[Kind, Callable[[bytes], Any]] = {
    Kind.DEVICE_INFO: messages.parse_device_info,
    Kind.MODEL_INFO: messages.parse_model_info,
    Kind.POOL_INFO: messages.parse_pool_info,
    Kind.LAST_FAULT: messages.parse_last_fault,
    Kind.TENSOR_CRC: messages.parse_u32,
    Kind.RUN: messages.parse_u64,
    Kind.RUN_LAYER: messages.parse_u32,
    Kind.STACK: messages.parse_stack,
}


def parse_reply(vector: dict[str, Any]) -> Any:
    payload = bytes.fromhex(vector["reply"]["payload"])
    kind = vector["request"]["kind"]
    if vector["reply"]["status"] == Status.NOT_ALIVE:
        return messages.parse_layers_done(payload)
    if kind == Kind.LAYER_TICKS:
        return list(messages.parse_ticks(payload, vector["request"]["arguments"][2]))
    value: Any = PARSERS[kind](payload)
    return value if value is None or isinstance(value, int) else dataclasses.asdict(value)


def test_makes_the_requests_of_the_vectors(vectors: dict[str, Any]) -> None:
    made = 0
    for vector in vectors["messages"]:
        request = vector["request"]
        if request["call"] is not None:
            arguments = [
                bytes.fromhex(a) if isinstance(a, str) else a for a in request["arguments"]
            ]
            message = getattr(messages, request["call"])(*arguments)
            assert (message.kind, message.payload.hex()) == (request["kind"], request["payload"])
            made += 1
    assert made > 40


def test_parses_the_replies_of_the_vectors(vectors: dict[str, Any]) -> None:
    parsed = 0
    for vector in vectors["messages"]:
        if "value" in vector["reply"]:
            assert parse_reply(vector) == vector["reply"]["value"], vector["name"]
            parsed += 1
    assert parsed > 10


def test_refuses_malformed_replies(vectors: dict[str, Any]) -> None:
    for vector in vectors["malformed_replies"]:
        with pytest.raises(SessionError, match="cannot be read"):
            getattr(messages, vector["parser"])(bytes.fromhex(vector["payload"]))


def test_parses_faults(vectors: dict[str, Any]) -> None:
    for vector in vectors["faults"]:
        fault = messages.parse_fault(bytes.fromhex(vector["payload"]))
        assert dataclasses.asdict(fault) == vector["value"]
        assert messages.parse_last_fault(bytes.fromhex(vector["payload"])) == fault


def test_random_payloads_are_faults_or_one_error() -> None:
    draw = random.Random(5)
    for _ in range(2000):
        payload = draw.randbytes(draw.choice((0, 52, 53, 54, 60, draw.randrange(300))))
        for parse in (messages.parse_fault, messages.parse_last_fault, messages.parse_device_info):
            with contextlib.suppress(SessionError):
                parse(payload)


def test_text_that_is_not_utf8_is_no_error() -> None:
    assert messages.parse_fault(bytes(54) + b"\xff\xfe").reason == "\ufffd\ufffd"


def test_text_cannot_steer_a_terminal() -> None:
    assert messages.parse_fault(bytes(54) + b"\x1b[2J bus\nfault").reason == "?[2J bus?fault"


def test_every_refusal_has_words() -> None:
    for status in Status:
        if status not in (Status.OK, Status.PENDING, Status.CORRUPT_FRAME):
            assert "unexpected" not in messages.explain(status)
            assert status.name in messages.explain(status)
    assert "99" in messages.explain(99)

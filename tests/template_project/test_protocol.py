# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Messages to text and back, and errors that keep their class on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from microtvm_project import errors
from microtvm_project.errors import MicroTVMError
from microtvm_project.protocol import (
    ErrorCode,
    MalformedMessageError,
    Request,
    RpcError,
    decode_reply,
    decode_request,
    encode_error,
    encode_request,
    encode_result,
    error_from_rpc,
    error_to_rpc,
)


def test_requests_are_read_back() -> None:
    request = Request("build", {"options": {"verbose": True}}, 5)
    assert decode_request(encode_request(request)) == request
    assert encode_request(request) == (
        b'{"jsonrpc": "2.0", "method": "build", "params": {"options": {"verbose": true}},'
        b' "id": 5}\n'
    )


def test_results_are_read_back() -> None:
    assert decode_reply(encode_result(3, {"data": "x"}), 3) == {"data": "x"}
    assert decode_reply(encode_result(3, None), 3) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b'{"jsonrpc": "1.0", "id": 3, "result": 1}',
        b'{"jsonrpc": "2.0", "id": 4, "result": 1}',
        b'{"jsonrpc": "2.0", "id": 3}',
        b'{"jsonrpc": "2.0", "id": 3, "error": 1}',
        b'{"jsonrpc": "2.0", "id": 3, "error": {"code": "x", "message": "y"}}',
        b"{" * 50_000,
    ],
)
def test_replies_that_are_none(line: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode_reply(line, 3)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.OptionError("No", expected="yes", hint="ask"), "No\n  expected: yes\n  try: ask"),
        (errors.ArchiveError("Torn"), "Torn"),
        (errors.BoardError("Gone"), "Gone"),
        (errors.BuildError("Broken"), "Broken"),
        (errors.ProjectError("There"), "There"),
        (errors.TransportError("Locked"), "Locked"),
        (errors.TransportClosedError("Lost"), "TransportClosedError"),
        (errors.TransportTimeoutError("Late"), "IoTimeoutError"),
    ],
)
def test_errors_of_ours_keep_class_and_parts(error: MicroTVMError, message: str) -> None:
    wire = error_to_rpc(error, "build")
    assert (wire.code, wire.message) == (ErrorCode.SERVER_ERROR, message)
    with pytest.raises(RpcError) as caught:
        decode_reply(encode_error(1, wire), 1)
    told = error_from_rpc(caught.value)
    assert type(told) is type(error)
    assert str(told) == str(error)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("IoTimeoutError", errors.TransportTimeoutError),
        ("TransportClosedError", errors.TransportClosedError),
    ],
)
def test_errors_of_other_servers_by_name(message: str, kind: type[MicroTVMError]) -> None:
    assert type(error_from_rpc(RpcError(-32000, message, {"traceback": "x"}))) is kind


def test_errors_that_have_no_class() -> None:
    assert error_from_rpc(RpcError(-32000, "anything")) is None
    told = error_from_rpc(RpcError(-32000, "x", {"microtvm": {"error": "os.system"}}))
    assert type(told) is MicroTVMError


def test_data_that_is_no_object_is_dropped() -> None:
    wire: dict[str, Any] = {"code": -32000, "message": "x", "data": [1]}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "error": wire}).encode()
    with pytest.raises(RpcError) as caught:
        decode_reply(line, 1)
    assert caught.value.data == {}

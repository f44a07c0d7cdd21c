# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Project API, protocol version 1: one JSON-RPC 2.0 message a line, as TVM 0.8 to 0.18 speak it.

Messages to and from text, for both sides; no I/O. What the protocol leaves
open is used so that older clients do not notice: an error's `data` holds,
beside the traceback, the error's class and the parts of its message.
"""

from __future__ import annotations

import base64
import enum
import json
import re
import traceback
from dataclasses import dataclass, field
from typing import Any

from microtvm_project import errors
from microtvm_project.errors import MicroTVMError

PROTOCOL_VERSION = 1

# A longer line is refused, so that a peer that never ends its line cannot fill the memory.
MAX_LINE_BYTES = 1 << 24

_METHOD = re.compile(r"[a-zA-Z0-9_]+")

# Errors that clients know by the name that stands in the message's place.
_NAMED_ERRORS: dict[type[MicroTVMError], str] = {
    errors.TransportTimeoutError: "IoTimeoutError",
    errors.TransportClosedError: "TransportClosedError",
}

# Errors that keep their class over the wire, when both ends are ours.
_ERROR_CLASSES: dict[str, type[MicroTVMError]] = {
    error.__name__: error
    for error in (
        errors.ArchiveError,
        errors.BoardError,
        errors.BoardInUseError,
        errors.BuildError,
        errors.OptionError,
        errors.ProjectError,
        errors.TransportClosedError,
        errors.TransportError,
        errors.TransportReconnectedError,
        errors.TransportTimeoutError,
        errors.UnknownBoardError,
    )
}


class ErrorCode(enum.IntEnum):
    """JSON-RPC's codes, and the protocol's own for whatever a method raises."""

    SERVER_ERROR = -32000
    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603


@dataclass(frozen=True)
class Request:
    """A call that has the right shape; whether the method exists is not known yet."""

    method: str
    params: dict[str, Any]
    id: int | str | None


@dataclass
class RpcError(Exception):
    """An error as it travels."""

    code: int
    message: str
    data: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.message} (error {self.code})"


class MalformedMessageError(Exception):
    """A line that is not a message of the protocol."""


@dataclass(frozen=True)
class TransportTimeouts:
    """How long a client should wait for a device, in seconds; 0 stands for no limit."""

    session_start_retry_timeout_sec: float
    session_start_timeout_sec: float
    session_established_timeout_sec: float


def encode_request(request: Request) -> bytes:
    """The line of a call."""
    message = {"method": request.method, "params": request.params, "id": request.id}
    return _encode(message)


def decode_request(line: bytes) -> Request:
    """The call in a line.

    Raises:
        MalformedMessageError: the line is not JSON; no reply is due.
        RpcError: it is JSON, but no call; the reply has no id.
    """
    message = _decode(line)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise RpcError(ErrorCode.INVALID_REQUEST, "request is not an object of JSON-RPC 2.0")
    method, params, identity = (message.get(key) for key in ("method", "params", "id"))
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise RpcError(ErrorCode.INVALID_REQUEST, f"request's method is {method!r}")
    if not isinstance(params, dict):
        raise RpcError(ErrorCode.INVALID_REQUEST, "request's params is not an object")
    if isinstance(identity, bool) or not isinstance(identity, (int, str, type(None))):
        raise RpcError(ErrorCode.INVALID_REQUEST, "request's id is no number, string or null")
    return Request(method, params, identity)


def encode_result(identity: int | str | None, result: Any) -> bytes:
    """The line of a reply to a call that went well."""
    return _encode({"result": result, "id": identity})


def encode_error(identity: int | str | None, error: RpcError) -> bytes:
    """The line of a reply to a call that failed."""
    wire = {"code": int(error.code), "message": error.message, "data": error.data}
    return _encode({"error": wire, "id": identity})


def decode_reply(line: bytes, identity: int) -> Any:
    """The result in a reply to call `identity`.

    Raises:
        MalformedMessageError: the line is no reply to that call.
        RpcError: the call failed.
    """
    message = _decode(line)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise MalformedMessageError("reply is not an object of JSON-RPC 2.0")
    if "error" in message:
        raise _error_from_wire(message["error"])
    if message.get("id") != identity:
        raise MalformedMessageError(f"reply is for call {message.get('id')!r}, not {identity}")
    if "result" not in message:
        raise MalformedMessageError("reply has neither result nor error")
    return message["result"]


def encode_bytes(data: bytes) -> str:
    """Bytes as the text that the transport methods carry."""
    return base64.b85encode(data).decode("ascii")


def decode_bytes(text: str) -> bytes:
    """The inverse of `encode_bytes`; ValueError where the text is not of that kind."""
    return base64.b85decode(text)


def error_to_rpc(error: Exception, method: str) -> RpcError:
    """The error that a client is told when a method raises."""
    data: dict[str, Any] = {"traceback": _format_traceback(error)}
    if not isinstance(error, MicroTVMError):
        return RpcError(ErrorCode.SERVER_ERROR, f"calling method {method}: {error!r}", data)
    data["microtvm"] = {
        "error": type(error).__name__,
        "found": error.found,
        "expected": error.expected,
        "hint": error.hint,
    }
    message = _NAMED_ERRORS.get(type(error), str(error))
    return RpcError(ErrorCode.SERVER_ERROR, message, data)


def error_from_rpc(error: RpcError) -> MicroTVMError | None:
    """The error that the method raised, if it is one of ours."""
    parts = error.data.get("microtvm")
    if not isinstance(parts, dict):
        names = {name: error_class for error_class, name in _NAMED_ERRORS.items()}
        named = names.get(error.message)
        return named(error.message) if named else None
    error_class = _ERROR_CLASSES.get(str(parts.get("error")), MicroTVMError)
    found, expected, hint = (str(parts.get(key, "")) for key in ("found", "expected", "hint"))
    return error_class(found, expected=expected, hint=hint)


def _encode(message: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode("utf-8") + b"\n"


def _decode(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"message is not JSON: {error}") from error


def _error_from_wire(wire: Any) -> RpcError:
    if not isinstance(wire, dict):
        raise MalformedMessageError("reply's error is not an object")
    code, message, data = (wire.get(key) for key in ("code", "message", "data"))
    if not isinstance(code, int) or not isinstance(message, str):
        raise MalformedMessageError("reply's error has no code and message")
    return RpcError(code, message, data if isinstance(data, dict) else {})


def _format_traceback(error: Exception) -> str:
    """The traceback, its outermost frame marked: clients print it below their own frames."""
    lines = list(traceback.TracebackException.from_exception(error).format())
    if len(lines) > 1 and "\n" in lines[1]:
        first, rest = lines[1].split("\n", 1)
        lines[1] = f"{first}  # <--- Outermost server-side stack frame\n{rest}"
    return "".join(lines)

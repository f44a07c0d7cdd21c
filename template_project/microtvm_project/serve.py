# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The server's loop: reads a call, checks it against the table of methods, writes the reply."""

from __future__ import annotations

import logging
import select
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from microtvm_project import protocol
from microtvm_project.errors import TransportClosedError
from microtvm_project.protocol import ErrorCode, MalformedMessageError, Request, RpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from microtvm_project.handler import Handler

_LOG = logging.getLogger(__name__)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_seconds_or_null(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or (number and value >= 0)


@dataclass(frozen=True)
class Parameter:
    """A parameter that a call must have: its name, and what its value must be."""

    name: str
    kind: str
    accepts: Callable[[Any], bool]


def _text(name: str) -> Parameter:
    return Parameter(name, "a string", _is_text)


_OPTIONS = Parameter("options", "an object", _is_object)
_TIMEOUT = Parameter("timeout_sec", "seconds or null", _is_seconds_or_null)

METHODS: dict[str, tuple[Parameter, ...]] = {
    "server_info_query": (_text("tvm_version"),),
    "generate_project": (
        _text("model_library_format_path"),
        _text("standalone_crt_dir"),
        _text("project_dir"),
        _OPTIONS,
    ),
    "build": (_OPTIONS,),
    "flash": (_OPTIONS,),
    "open_transport": (_OPTIONS,),
    "close_transport": (),
    "read_transport": (Parameter("n", "a positive number", _is_count), _TIMEOUT),
    "write_transport": (_text("data"), _TIMEOUT),
}


class ClientWatch:
    """Tells a call that waits whether its client is still there."""

    def __init__(self, read_file: IO[bytes]) -> None:
        self._poll = select.poll()
        self._poll.register(read_file.fileno(), 0)

    def __call__(self) -> None:
        """Raises TransportClosedError if the client has closed its end or died."""
        if self._poll.poll(0):
            raise TransportClosedError("The client has gone")


def serve(read_file: IO[bytes], write_file: IO[bytes], handler: Handler) -> None:
    """Answers calls until the client goes, or sends something that is no call."""
    try:
        while True:
            line = read_file.readline(protocol.MAX_LINE_BYTES)
            if not line:
                return
            reply, goes_on = _answer(line, handler)
            if reply:
                write_file.write(reply)
                write_file.flush()
            if not goes_on:
                return
    except (BrokenPipeError, KeyboardInterrupt):
        _LOG.info("The client has gone")
    finally:
        handler.close_transport()


def _answer(line: bytes, handler: Handler) -> tuple[bytes, bool]:
    """The reply to a line, and whether there may be another."""
    try:
        request = protocol.decode_request(line)
    except MalformedMessageError as error:
        _LOG.error("%s", error)
        return b"", False
    except RpcError as error:
        return protocol.encode_error(None, error), False
    try:
        result = _call(request, handler)
    except RpcError as error:
        return protocol.encode_error(request.id, error), True
    except Exception as error:
        _LOG.debug("%s failed", request.method, exc_info=True)
        wire = protocol.error_to_rpc(error, request.method)
        return protocol.encode_error(request.id, wire), True
    return protocol.encode_result(request.id, result), True


def _call(request: Request, handler: Handler) -> Any:
    parameters = METHODS.get(request.method)
    if parameters is None:
        raise RpcError(ErrorCode.METHOD_NOT_FOUND, f"{request.method}: no such method")
    _check_parameters(request, parameters)
    return getattr(handler, request.method)(**request.params)


def _check_parameters(request: Request, parameters: tuple[Parameter, ...]) -> None:
    names = [parameter.name for parameter in parameters]
    extra = sorted(request.params.keys() - set(names))
    missing = [name for name in names if name not in request.params]
    for what, some in (("missing", missing), ("extra", extra)):
        if some:
            text = f"{request.method}: {what} parameters: {', '.join(some)}"
            raise RpcError(ErrorCode.INVALID_PARAMS, text)
    for parameter in parameters:
        if not parameter.accepts(request.params[parameter.name]):
            text = f"{request.method}: parameter {parameter.name} must be {parameter.kind}"
            raise RpcError(ErrorCode.INVALID_PARAMS, text)

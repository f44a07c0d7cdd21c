# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The client of a Project API server: one typed method a call, errors as exceptions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from microtvm_project.fields import Fields
from microtvm_project.project_option import ProjectOption, row_from_json
from microtvm_project.protocol import (
    PROTOCOL_VERSION,
    MalformedMessageError,
    Request,
    RpcError,
    TransportTimeouts,
    decode_bytes,
    decode_reply,
    encode_bytes,
    encode_request,
    error_from_rpc,
)

from microtvm.errors import ProjectServerError
from microtvm.project.server_process import LogSink, ServerProcess

# Sent as the version of TVM: the last that spoke this protocol.
_TVM_VERSION = "0.18.0"

# How much longer than its own timeout a call on the transport may take to be answered.
_GRACE_S = 15.0

OptionMap = Mapping[str, str | int | bool]


@dataclasses.dataclass(frozen=True)
class ServerInfo:
    """What a server says of itself."""

    platform_name: str
    is_template: bool
    model_library_format_path: str
    options: tuple[ProjectOption, ...]


class ProjectClient:
    """Calls to one server, one at a time. A context manager: the server ends with it.

    Args:
        folder: of the project or template whose server is started.
        log: is given each line that the server logs.
    """

    def __init__(self, folder: Path, log: LogSink | None = None) -> None:
        self._server = ServerProcess(folder, log)
        self._next_id = 1

    def __enter__(self) -> ProjectClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the server; any number of times."""
        self._server.close()

    def info(self) -> ServerInfo:
        """What the server is, and the options it takes.

        Raises:
            ProjectServerError: it speaks another version of the protocol.
        """
        reply = self._call("server_info_query", {"tvm_version": _TVM_VERSION})
        fields = Fields(reply, f"Reply of the server of {self._server.folder}", ProjectServerError)
        version = fields.integer("protocol_version")
        if version != PROTOCOL_VERSION:
            found = f"The server of {self._server.folder} speaks protocol version {version}"
            raise ProjectServerError(found, expected=str(PROTOCOL_VERSION))
        return ServerInfo(
            platform_name=fields.text("platform_name"),
            is_template=fields.flag("is_template"),
            model_library_format_path=fields.text("model_library_format_path"),
            options=tuple(row_from_json(row) for row in fields.items("project_options")),
        )

    def generate_project(self, archive: Path, project_dir: Path, options: OptionMap) -> None:
        """Creates a project from a module.tar; `project_dir` must not exist."""
        self._call(
            "generate_project",
            {
                "model_library_format_path": str(archive.absolute()),
                "standalone_crt_dir": "",
                "project_dir": str(project_dir.absolute()),
                "options": dict(options),
            },
        )

    def build(self, options: OptionMap) -> None:
        """Builds the project's firmware."""
        self._call("build", {"options": dict(options)})

    def flash(self, options: OptionMap) -> None:
        """Brings the firmware to the board."""
        self._call("flash", {"options": dict(options)})

    def open_transport(self, options: OptionMap) -> TransportTimeouts:
        """Opens the byte stream to the device."""
        reply = self._call("open_transport", {"options": dict(options)})
        fields = Fields(reply, "Reply to open_transport", ProjectServerError).table("timeouts")
        names = [field.name for field in dataclasses.fields(TransportTimeouts)]
        return TransportTimeouts(*(fields.number(name) for name in names))

    def close_transport(self) -> None:
        """Closes the byte stream."""
        self._call("close_transport", {})

    def read_transport(self, size: int, timeout_s: float | None) -> bytes:
        """Waits for bytes from the device and returns 1 to `size` of them."""
        reply = self._timed_call("read_transport", {"n": size}, timeout_s)
        text = Fields(reply, "Reply to read_transport", ProjectServerError).text("data")
        try:
            return decode_bytes(text)
        except ValueError as error:
            raise ProjectServerError(f"Reply to read_transport is not base 85: {error}") from error

    def write_transport(self, data: bytes, timeout_s: float | None) -> None:
        """Sends all of `data` to the device."""
        self._timed_call("write_transport", {"data": encode_bytes(data)}, timeout_s)

    def _timed_call(self, method: str, params: dict[str, Any], timeout_s: float | None) -> Any:
        patience = None if timeout_s is None else timeout_s + _GRACE_S
        return self._call(method, {**params, "timeout_sec": timeout_s}, patience)

    def _call(self, method: str, params: dict[str, Any], timeout_s: float | None = None) -> Any:
        identity = self._next_id
        self._next_id += 1
        line = encode_request(Request(method, params, identity))
        reply = self._server.exchange(line, timeout_s)
        try:
            return decode_reply(reply, identity)
        except MalformedMessageError as error:
            found = f"The server of {self._server.folder} broke the protocol: {error}"
            raise ProjectServerError(found) from error
        except RpcError as error:
            known = error_from_rpc(error)
            if known is not None:
                raise known from None
            found = f"The server of {self._server.folder} failed at {method}: {error.message}"
            raise ProjectServerError(found) from error

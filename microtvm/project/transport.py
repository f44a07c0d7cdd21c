# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A session's transport by way of a project's own server."""

from __future__ import annotations

from pathlib import Path

from microtvm_project.options import RESET_PROBE
from microtvm_project.transports import Transport

from microtvm.errors import ProjectError, TransportClosedError
from microtvm.project.client import OptionMap, ProjectClient
from microtvm.project.server_process import LogSink


class ProjectTransport(Transport):
    """Starts the project's server when it is opened, and ends it when it is closed.

    Args:
        folder: of the generated project.
        options: of open_transport, and of flash.
        log: is given each line that the server logs.
        flash: bring the project's firmware to the board before it is first opened; no other
            process can use the board in between.
    """

    def __init__(
        self, folder: Path, options: OptionMap, log: LogSink | None = None, *, flash: bool = False
    ) -> None:
        self._folder = folder
        self._options = options
        self._log = log
        self._flash = flash
        self._client: ProjectClient | None = None

    def open(self) -> None:
        self.close()
        client = ProjectClient(self._folder, self._log)
        try:
            if client.info().is_template:
                raise ProjectError(f"{self._folder} is a template, not a project")
            if self._flash:
                client.flash(self._options)
                self._flash = False
            self.timeouts = client.open_transport(self._options)
        except BaseException:
            client.close()
            raise
        self._client = client

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        return self._opened().read_transport(size, timeout_s)

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._opened().write_transport(data, timeout_s)

    def reset(self) -> None:
        """By the board's probe: the server opens its port anew after it."""
        self.timeouts = self._opened().open_transport({**self._options, "reset": RESET_PROBE})

    def _opened(self) -> ProjectClient:
        if self._client is None:
            raise TransportClosedError(f"The transport of {self._folder} is not open")
        return self._client

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The serial port of a board in a lab, wherever its exporter has it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from microtvm_project.errors import TransportClosedError
from microtvm_project.reconnect import ReconnectingTransport
from microtvm_project.transports import SerialTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

    from microtvm_project.held_place import HeldPlace
    from microtvm_project.lab import Lab, PlaceChoice

_LOG = logging.getLogger(__name__)


class PlaceTransport(Transport):
    """A device of a lab.

    Args:
        held: takes the place; it is for the caller to release it.
        lab: where the place is.
        choice: which place, and which of its ports.
        baudrate: bits a second that the firmware sends.
        check: called now and then while a call waits; raises to end the wait.
    """

    def __init__(
        self,
        held: HeldPlace,
        lab: Lab,
        choice: PlaceChoice,
        baudrate: int,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._held = held
        self._lab = lab
        self._choice = choice
        self._baudrate = baudrate
        self._check = check
        self._port: ReconnectingTransport | None = None

    def open(self) -> None:
        self.close()
        name = self._held.take(self._lab, self._choice)
        port = ReconnectingTransport(lambda: self._port_of(name), self._check)
        port.open()
        self._port = port

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        return self._opened().read(size, timeout_s)

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._opened().write(data, timeout_s)

    def _port_of(self, name: str) -> SerialTransport:
        """Where the port is now: a board that was plugged in again may be at another address."""
        port = self._lab.show(name, self._check).serial_port(self._choice.port)
        _LOG.info("Port %s of place %s is %s", port.name, name, port.url())
        if port.protocol == "raw" and port.speed != self._baudrate:
            # Only rfc2217 can tell the other end which speed is wanted.
            _LOG.warning("It runs at %d bit/s, the board at %d", port.speed, self._baudrate)
        return SerialTransport(port.url(), self._baudrate, self._check)

    def _opened(self) -> ReconnectingTransport:
        if self._port is None:
            raise TransportClosedError(f"Place {self._choice.name} is not open")
        return self._port

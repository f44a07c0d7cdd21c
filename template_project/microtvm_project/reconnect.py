# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A serial port that may go and come back: a board that is plugged in again, or starts again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from microtvm_project.errors import (
    PortLostError,
    TransportClosedError,
    TransportError,
    TransportReconnectedError,
)
from microtvm_project.transports import Deadline, Transport

if TYPE_CHECKING:
    from collections.abc import Callable

# A board's USB port is there again a second or two after its start; a person needs longer.
RECONNECT_S = 10.0

_RETRY_S = 0.1


class ReconnectingTransport(Transport):
    """Opens a lost port again, wherever it is now, and says so once.

    Read and write raise TransportReconnectedError when the port is back. It is for the caller to
    send again what was under way.

    Args:
        connect: makes the transport to where the port is now; TransportError if it is nowhere.
        check: called now and then while it waits; raises to end the wait.
        wait_s: how long a port may be away.
    """

    def __init__(
        self,
        connect: Callable[[], Transport],
        check: Callable[[], None] = lambda: None,
        wait_s: float = RECONNECT_S,
    ) -> None:
        self._connect = connect
        self._check = check
        self._wait_s = wait_s
        self._inner: Transport | None = None

    def open(self) -> None:
        inner = self._connect()
        inner.open()
        self._inner = inner

    def close(self) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            inner.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        try:
            return self._opened().read(size, timeout_s)
        except PortLostError as lost:
            raise self._reconnect(lost) from lost

    def write(self, data: bytes, timeout_s: float | None) -> None:
        try:
            self._opened().write(data, timeout_s)
        except PortLostError as lost:
            raise self._reconnect(lost) from lost

    def _opened(self) -> Transport:
        if self._inner is None:
            raise TransportClosedError("The port is not open")
        return self._inner

    def _reconnect(self, lost: PortLostError) -> TransportError:
        """Waits for the port; returns what to raise. The old one must go: it holds the name."""
        self.close()
        began, deadline = time.monotonic(), Deadline(self._wait_s)
        while True:
            self._check()
            try:
                self.open()
            except TransportError as error:
                last = error
            else:
                away_s = time.monotonic() - began
                return TransportReconnectedError(
                    f"{lost.found}; it was back after {away_s:.1f} s",
                    hint="send again what was under way; the device may have started again",
                )
            if deadline.has_passed():
                return TransportClosedError(
                    f"{lost.found}; it was not back within {self._wait_s:g} s: {last.found}",
                    hint="look at the board's power and cable",
                )
            time.sleep(_RETRY_S)

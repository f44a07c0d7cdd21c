# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Byte streams to a device: what every transport does, and the one over a serial port."""

from __future__ import annotations

import abc
import contextlib
import io
import select
import time
from typing import TYPE_CHECKING, Any

from microtvm_project.errors import (
    PortLostError,
    TransportClosedError,
    TransportError,
    TransportTimeoutError,
)
from microtvm_project.protocol import TransportTimeouts
from microtvm_project.serial_port import open_port

if TYPE_CHECKING:
    from collections.abc import Callable

# The longest that a call waits before it looks again whether it still has a reason to.
_SLICE_S = 0.25

_WRITE_CHUNK = 4096


class Deadline:
    """A point in time; None stands for never."""

    def __init__(self, timeout_s: float | None) -> None:
        self._end = None if timeout_s is None else time.monotonic() + timeout_s

    def has_passed(self) -> bool:
        """Whether nothing should be waited for any more."""
        return self._end is not None and time.monotonic() >= self._end

    def slice(self) -> float:
        """Seconds to wait next, at most a slice."""
        if self._end is None:
            return _SLICE_S
        return min(_SLICE_S, max(0.0, self._end - time.monotonic()))


class Transport(abc.ABC):
    """A byte stream in both directions: open once, then read and write, then close.

    Close may be called at any time and as often as one likes.
    """

    timeouts = TransportTimeouts(2.0, 5.0, 5.0)

    @abc.abstractmethod
    def open(self) -> None:
        """Makes the stream usable; leaves nothing behind where it fails (TransportError)."""

    @abc.abstractmethod
    def close(self) -> None:
        """Gives everything back."""

    @abc.abstractmethod
    def read(self, size: int, timeout_s: float | None) -> bytes:
        """Waits for the first byte and returns what is there, 1 to `size` bytes.

        Raises:
            TransportTimeoutError: no byte came in time.
            TransportClosedError: none will come any more.
        """

    @abc.abstractmethod
    def write(self, data: bytes, timeout_s: float | None) -> None:
        """Writes all bytes.

        Raises:
            TransportTimeoutError: some could not be written in time.
            TransportClosedError: none can be written any more.
        """

    def reset(self) -> None:
        """Starts the device again, whatever its program does; the stream is open anew after it.

        Raises:
            MicroTVMError: there is no way to.
        """
        raise TransportError("this transport has no way to reset a device")


class SerialTransport(Transport):
    """A serial port by its path or by any URL that pyserial knows.

    Args:
        port: the path or URL.
        baudrate: bits a second.
        check: called now and then while a call waits; raises to end the wait.
        opener: opens the port.
    """

    def __init__(
        self,
        port: str,
        baudrate: int,
        check: Callable[[], None] = lambda: None,
        opener: Callable[..., Any] = open_port,
    ) -> None:
        self._name = port
        self._baudrate = baudrate
        self._check = check
        self._opener = opener
        self._port: Any = None

    def open(self) -> None:
        try:
            self._port = self._opener(self._name, self._baudrate, _SLICE_S, exclusive=True)
            if _has_descriptor(self._port):
                # Waiting is done with select, so that a short write is seen and none is lost.
                self._port.write_timeout = 0
        except (OSError, ValueError) as error:
            self.close()
            raise TransportError(
                f"Cannot open port {self._name}: {error}",
                expected="a serial port that no other program uses",
                hint="look at the cable, at who uses the port, and at your rights to it",
            ) from error

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(OSError):
                port.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        port = self._opened()
        deadline = Deadline(timeout_s)
        while True:
            try:
                data = _read_some(port, size, deadline)
            except OSError as error:
                raise self._lost(error) from error
            if data:
                return data
            self._check()
            if deadline.has_passed():
                raise TransportTimeoutError(f"Nothing came from {self._name} within {timeout_s} s")

    def write(self, data: bytes, timeout_s: float | None) -> None:
        port = self._opened()
        deadline = Deadline(timeout_s)
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[_write_some(port, rest[:_WRITE_CHUNK], deadline) :]
            except OSError as error:
                raise self._lost(error) from error
            self._check()
            if rest and deadline.has_passed():
                raise TransportTimeoutError(
                    f"{self._name} took {len(data) - len(rest)} of {len(data)} bytes"
                    f" within {timeout_s} s"
                )

    def _opened(self) -> Any:
        if self._port is None:
            raise TransportClosedError(f"Port {self._name} is not open")
        return self._port

    def _lost(self, error: OSError) -> PortLostError:
        self._check()
        return PortLostError(f"Port {self._name} was lost: {error}")


def _read_some(port: Any, size: int, deadline: Deadline) -> bytes:
    """What is there, after at most a slice of waiting; b"" where nothing is."""
    if _has_descriptor(port):
        readable, _, _ = select.select([port.fileno()], [], [], deadline.slice())
        if not readable:
            return b""
    elif deadline.has_passed() and not port.in_waiting:
        return b""
    data = bytes(port.read(max(1, min(size, port.in_waiting))))
    while data and len(data) < size and port.in_waiting:
        data += port.read(min(size - len(data), port.in_waiting))
    return data


def _write_some(port: Any, data: memoryview, deadline: Deadline) -> int:
    """How many bytes the port has taken, after at most a slice of waiting."""
    if _has_descriptor(port):
        _, writable, _ = select.select([], [port.fileno()], [], deadline.slice())
        if not writable:
            return 0
    return int(port.write(data))


def _has_descriptor(port: Any) -> bool:
    """Whether select can wait for the port: some of pyserial's URLs have nothing to wait for."""
    try:
        return int(port.fileno()) >= 0
    except (AttributeError, io.UnsupportedOperation):
        return False

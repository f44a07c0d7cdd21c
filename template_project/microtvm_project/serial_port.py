# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Opens serial ports: pyserial for every kind, and terminals by themselves where it is missing.

A client's Python may have nothing but its own library; QEMU's pseudo-terminal,
and a board's port by its path, need no more than that.
"""

from __future__ import annotations

import array
import fcntl
import os
import termios
import tty
from typing import Any

from microtvm_project.errors import TransportError


def open_port(name: str, baudrate: int, timeout: float, exclusive: bool) -> Any:
    """A port with read, write, in_waiting, fileno and close, by path or by pyserial's URL.

    Raises:
        OSError: the port cannot be opened.
        ValueError: the baud rate or the URL is not known.
        TransportError: a URL is given, and pyserial is not installed.
    """
    try:
        import serial
    except ImportError as error:
        if "://" in name:
            raise TransportError(
                f"Port {name} needs the Python package pyserial, which is not installed",
                hint="pip install pyserial",
            ) from error
        return Terminal(name, baudrate)
    return serial.serial_for_url(name, baudrate=baudrate, timeout=timeout, exclusive=exclusive)


class Terminal:
    """A terminal in raw mode that nobody else has locked; the part of pyserial's port we use."""

    write_timeout = 0

    def __init__(self, name: str, baudrate: int) -> None:
        speed = getattr(termios, f"B{baudrate}", None)
        if speed is None:
            raise ValueError(f"baud rate {baudrate} is not one of this system's")
        self._descriptor = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _make_raw(self._descriptor, speed)
        except termios.error as error:
            self.close()
            raise OSError(*error.args) from error
        except OSError:
            self.close()
            raise

    @property
    def in_waiting(self) -> int:
        """Bytes that have come and were not read."""
        count = array.array("i", [0])
        fcntl.ioctl(self._descriptor, termios.FIONREAD, count)
        return count[0]

    def fileno(self) -> int:
        """The open file."""
        return self._descriptor

    def read(self, size: int) -> bytes:
        """Bytes that have come; OSError where the other side is gone."""
        data = os.read(self._descriptor, size)
        if not data:
            raise OSError("the other side has closed")
        return data

    def write(self, data: bytes) -> int:
        """How many of the bytes were taken."""
        return os.write(self._descriptor, data)

    def close(self) -> None:
        """Closes the file and with it the lock; any number of times."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _make_raw(descriptor: int, speed: int) -> None:
    tty.setraw(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[2] |= termios.CLOCAL | termios.CREAD
    attributes[4] = attributes[5] = speed
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)

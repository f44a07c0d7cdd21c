# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes through ports that are slow, short, silent or gone."""

from __future__ import annotations

import contextlib
import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from typing import Any

import pytest
from microtvm_project import serial_port, transports
from microtvm_project.errors import TransportClosedError, TransportError, TransportTimeoutError
from microtvm_project.serial_port import Terminal
from microtvm_project.transports import SerialTransport

DATA = bytes(range(256)) * 40


class ShortPort:
    """A port that takes and gives three bytes at a time, and has no file."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = 0
        self.arrived = b""

    @property
    def in_waiting(self) -> int:
        return min(3, len(self.arrived))

    def read(self, size: int) -> bytes:
        data, self.arrived = self.arrived[: min(size, 3)], self.arrived[min(size, 3) :]
        return data

    def write(self, data: bytes) -> int:
        self.written += bytes(data[:3])
        return min(3, len(data))

    def close(self) -> None:
        self.closed += 1


class ShortFilePort(ShortPort):
    """The same with a file, for which select waits; it is always ready."""

    def __init__(self) -> None:
        super().__init__()
        self._ours, self._theirs = socket.socketpair()
        self._theirs.send(b"ready to read")

    def fileno(self) -> int:
        return self._ours.fileno()

    def close(self) -> None:
        super().close()
        self._ours.close()
        self._theirs.close()


class StuckPort(ShortPort):
    """A port that takes nothing after the first bytes."""

    def write(self, data: bytes) -> int:
        return 0 if self.written else super().write(data)


class LostPort(ShortPort):
    """A port whose cable is out."""

    def read(self, size: int) -> bytes:
        raise OSError(5, "Input/output error")

    def write(self, data: bytes) -> int:
        raise OSError(5, "Input/output error")


def over(port: ShortPort, **settings: Any) -> SerialTransport:
    transport = SerialTransport("fake", 115200, opener=lambda *_, **__: port, **settings)
    transport.open()
    return transport


@pytest.mark.parametrize("kind", [ShortPort, ShortFilePort])
def test_short_writes_lose_nothing(kind: type[ShortPort]) -> None:
    port = kind()
    transport = over(port)
    transport.write(DATA, 30.0)
    transport.close()
    assert port.written == DATA


@pytest.mark.parametrize("kind", [ShortPort, ShortFilePort])
def test_what_is_there_is_read_at_once(kind: type[ShortPort]) -> None:
    port = kind()
    port.arrived = DATA
    transport = over(port)
    assert transport.read(100, 1.0) == DATA[:100]
    assert transport.read(1 << 16, 1.0) == DATA[100:]
    transport.close()


def test_silence_is_a_timeout() -> None:
    transport = over(ShortPort())
    for timeout_s in (0.0, 0.01):
        with pytest.raises(TransportTimeoutError, match="Nothing came from fake"):
            transport.read(10, timeout_s)


def test_a_port_that_takes_no_more_is_a_timeout() -> None:
    with pytest.raises(TransportTimeoutError, match="took 3 of 10 bytes"):
        over(StuckPort()).write(b"0123456789", 0.01)


def test_a_lost_port() -> None:
    transport = over(LostPort())
    for call in (lambda: transport.read(1, 1.0), lambda: transport.write(b"x", 1.0)):
        with pytest.raises(TransportClosedError, match="Port fake was lost"):
            call()


def test_nothing_works_before_open_and_after_close() -> None:
    port = ShortPort()
    transport = SerialTransport("fake", 115200, opener=lambda *_, **__: port)
    transport.close()
    with pytest.raises(TransportClosedError, match="is not open"):
        transport.read(1, 0.0)
    transport.open()
    transport.close()
    transport.close()
    assert port.closed == 1
    with pytest.raises(TransportClosedError, match="is not open"):
        transport.write(b"x", 0.0)


def test_a_wait_without_end_ends_with_its_client() -> None:
    waits: list[int] = []

    def check() -> None:
        waits.append(1)
        if len(waits) == 3:
            raise TransportClosedError("The client has gone")

    transport = over(ShortPort(), check=check)
    with pytest.raises(TransportClosedError, match="client has gone"):
        transport.read(1, None)


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, str]]:
    """A device's end of a terminal, and the path of the host's end."""
    device, host = pty.openpty()
    tty.setraw(host)
    try:
        yield device, os.ttyname(host)
    finally:
        os.close(host)
        with contextlib.suppress(OSError):
            os.close(device)


@pytest.fixture(params=["pyserial", "plain"])
def opener(request: pytest.FixtureRequest) -> Any:
    if request.param == "plain":
        return lambda name, baudrate, timeout, exclusive: Terminal(name, baudrate)
    return serial_port.open_port


def test_a_terminal_passes_every_byte(opener: Any) -> None:
    with terminal() as (device, path):
        transport = SerialTransport(path, 115200, opener=opener)
        transport.open()
        echo = threading.Thread(target=echo_all, args=(device, len(DATA)))
        echo.start()
        transport.write(DATA, 30.0)
        received = b""
        while len(received) < len(DATA):
            received += transport.read(1 << 16, 30.0)
        echo.join()
        transport.close()
    assert received == DATA


def echo_all(device: int, size: int) -> None:
    while size:
        data = os.read(device, size)
        size -= len(data)
        os.write(device, data)


def test_a_terminal_that_nobody_reads_is_a_timeout(opener: Any) -> None:
    with terminal() as (_, path):
        transport = SerialTransport(path, 115200, opener=opener)
        transport.open()
        with pytest.raises(TransportTimeoutError, match=r"took [1-9][0-9]* of 10485760 bytes"):
            transport.write(bytes(10 << 20), 0.2)
        transport.close()


def test_a_terminal_whose_other_end_closes(opener: Any) -> None:
    with terminal() as (device, path):
        transport = SerialTransport(path, 115200, opener=opener)
        transport.open()
        os.close(device)
        with pytest.raises(TransportClosedError, match="was lost"):
            transport.read(1, 20.0)
        transport.close()


def test_two_do_not_share_a_port(opener: Any) -> None:
    with terminal() as (_, path):
        first, second = (SerialTransport(path, 115200, opener=opener) for _ in range(2))
        first.open()
        with pytest.raises(TransportError, match=f"Cannot open port {path}") as caught:
            second.open()
        assert "no other program uses" in caught.value.expected
        first.close()
        second.open()
        second.close()


@pytest.mark.parametrize("name", ["/dev/nowhere", "/dev/null", "what://is/this"])
def test_ports_that_cannot_be_opened(name: str) -> None:
    transport = SerialTransport(name, 115200)
    with pytest.raises(TransportError, match=f"Cannot open port {name}"):
        transport.open()
    transport.close()


def test_a_baud_rate_that_no_system_has() -> None:
    with pytest.raises(ValueError, match="baud rate 115201"):
        Terminal("/dev/null", 115201)


def test_without_pyserial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "serial", None)
    with pytest.raises(TransportError, match="needs the Python package pyserial"):
        serial_port.open_port("socket://localhost:1", 9600, 0.1, True)
    with terminal() as (_, path):
        port = serial_port.open_port(path, 9600, 0.1, True)
        assert isinstance(port, Terminal)
        port.close()


def test_slices_end_with_the_deadline() -> None:
    assert transports.Deadline(None).slice() == transports.Deadline(100.0).slice() > 0
    assert transports.Deadline(0.0).slice() == 0
    assert not transports.Deadline(None).has_passed()
    assert transports.Deadline(0.0).has_passed()

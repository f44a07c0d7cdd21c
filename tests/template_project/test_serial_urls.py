# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes through pyserial's URLs: a socket that takes little at a time, RFC 2217, a loop."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from microtvm_project.errors import TransportClosedError, TransportError, TransportTimeoutError
from microtvm_project.transports import SerialTransport
from serial.rfc2217 import PortManager

# More than the buffers below hold, with each byte that a protocol may give a meaning to.
DATA = bytes(range(256)) * 300
SMALL_BUFFER = 2048


@contextlib.contextmanager
def served(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The host and port of a server of one connection, whose buffers are small."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)

        def accept() -> None:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(ConnectionError):
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join(20)
        assert not thread.is_alive()


def echo_three_at_a_time(connection: socket.socket) -> None:
    while data := connection.recv(3):
        connection.sendall(data)


class ControlledPort:
    """What an RFC 2217 server asks of its serial port beside the bytes."""

    cts = dsr = ri = cd = rts = dtr = break_condition = False
    baudrate = 9600
    bytesize, parity, stopbits, rtscts, xonxoff = 8, "N", 1, False, False

    def get_settings(self) -> None:
        return

    def reset_input_buffer(self) -> None:
        return

    def reset_output_buffer(self) -> None:
        return


class _Connection:
    """The socket as the server of RFC 2217 writes to it."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def write(self, data: bytes) -> None:
        self._inner.sendall(data)


def echo_by_rfc2217(connection: socket.socket) -> None:
    manager = PortManager(ControlledPort(), _Connection(connection))
    while data := connection.recv(4096):
        plain = b"".join(manager.filter(data))
        connection.sendall(b"".join(manager.escape(plain)))


def opened(url: str) -> SerialTransport:
    transport = SerialTransport(url, 115200)
    transport.open()
    return transport


def read_all(transport: SerialTransport, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += transport.read(1 << 16, 20.0)
    return received


# pyserial starts its reader by methods that Python has replaced.
@pytest.mark.filterwarnings("ignore:set(Daemon|Name).. is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("scheme", "serve"), [("socket", echo_three_at_a_time), ("rfc2217", echo_by_rfc2217)]
)
def test_every_byte_goes_and_comes_back(
    scheme: str, serve: Callable[[socket.socket], None]
) -> None:
    with served(serve) as address:
        transport = opened(f"{scheme}://{address}")
        writer = threading.Thread(target=transport.write, args=(DATA, 20.0))
        writer.start()
        assert read_all(transport, len(DATA)) == DATA
        writer.join()
        with pytest.raises(TransportTimeoutError, match="Nothing came from"):
            transport.read(1, 0.01)
        transport.close()


def test_a_loop() -> None:
    transport = opened("loop://")
    transport.write(DATA[:4000], 20.0)
    assert read_all(transport, 4000) == DATA[:4000]
    transport.close()


def wait_for(event: threading.Event) -> None:
    event.wait(20)


def test_a_socket_that_takes_no_more_is_a_timeout() -> None:
    enough = threading.Event()
    with served(lambda connection: wait_for(enough)) as address:
        transport = opened(f"socket://{address}")
        with pytest.raises(TransportTimeoutError, match=r"took [1-9][0-9]* of 20971520 bytes"):
            transport.write(bytes(20 << 20), 0.2)
        transport.close()
        enough.set()


def test_a_socket_whose_other_end_closes() -> None:
    with served(lambda connection: None) as address:
        transport = opened(f"socket://{address}")
        with pytest.raises(TransportClosedError, match="was lost"):
            transport.read(1, 20.0)
        transport.close()


def test_nobody_at_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError, match=f"Cannot open port socket://127.0.0.1:{port}"):
        opened(f"socket://127.0.0.1:{port}")

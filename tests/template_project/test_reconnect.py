# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Ports that vanish and come back, under their name or another, or stay away."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.errors import (
    TransportClosedError,
    TransportError,
    TransportReconnectedError,
    TransportTimeoutError,
)
from microtvm_project.ports import PortFinder, PortInfo
from microtvm_project.reconnect import ReconnectingTransport
from microtvm_project.transports import SerialTransport
from support.archives import ROOT
from support.pluggable_port import PluggablePort

BOARD = find_board(ROOT / "boards", "nucleo_f746zg")
USB_ID, NUMBER = "0483:374b", "0667FF3837"
AWAY_S = 0.3

Attached = Callable[[], Sequence[PortInfo]]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[PluggablePort]:
    port = PluggablePort(tmp_path)
    yield port
    port.pull_out()


def over(finder: PortFinder, wait_s: float = 20.0) -> ReconnectingTransport:
    transport = ReconnectingTransport(lambda: SerialTransport(finder.find(), 115200), wait_s=wait_s)
    transport.open()
    return transport


def come_back_later(port: PluggablePort, name: str) -> threading.Thread:
    def come_back() -> None:
        time.sleep(AWAY_S)
        port.plug_in(name)

    port.pull_out()
    thread = threading.Thread(target=come_back)
    thread.start()
    return thread


def check_both_ways(transport: ReconnectingTransport, port: PluggablePort) -> None:
    transport.write(b"to the device", 20.0)
    assert os.read(port.device, 100) == b"to the device"
    os.write(port.device, b"to the host")
    assert transport.read(100, 20.0) == b"to the host"


def in_folder(folder: Path) -> tuple[PortInfo, ...]:
    """What is plugged in, as a list of ports: a name's last letter ends its serial number."""
    return tuple(
        PortInfo(os.path.realpath(path), USB_ID, f"{NUMBER}{path.name[-1]}")
        for path in sorted(folder.iterdir())
    )


def finder_by(named_by: str, path: Path, attached: Attached) -> PortFinder:
    return PortFinder(
        BOARD,
        str(path) if named_by == "path" else None,
        f"{NUMBER}0" if named_by == "serial number" else None,
        attached,
    )


def test_a_port_comes_back_under_its_name(port: PluggablePort) -> None:
    transport = over(PortFinder(BOARD, str(port.plug_in("ttyACM0")), None, tuple))
    check_both_ways(transport, port)
    thread = come_back_later(port, "ttyACM0")
    with pytest.raises(TransportReconnectedError, match=r"was lost: .*; it was back after [0-9]"):
        transport.read(1, 20.0)
    thread.join()
    check_both_ways(transport, port)
    transport.close()


@pytest.mark.parametrize("named_by", ["path", "serial number", "USB id"])
def test_a_port_comes_back_under_another_name(
    port: PluggablePort, tmp_path: Path, named_by: str
) -> None:
    path = port.plug_in("ttyACM0")
    transport = over(finder_by(named_by, path, lambda: in_folder(tmp_path)))
    check_both_ways(transport, port)
    thread = come_back_later(port, "usb-hub-0")
    with pytest.raises(TransportReconnectedError):
        transport.write(b"lost", 20.0)
    thread.join()
    check_both_ways(transport, port)
    transport.close()


def test_a_port_that_stays_away_is_one_error(port: PluggablePort) -> None:
    path = port.plug_in("ttyACM0")
    transport = over(PortFinder(BOARD, str(path), None, tuple), wait_s=0.3)
    port.pull_out()
    began = time.monotonic()
    with pytest.raises(TransportClosedError, match=r"not back within 0\.3 s: Cannot open port"):
        transport.read(1, 20.0)
    assert 0.3 <= time.monotonic() - began < 5.0
    with pytest.raises(TransportClosedError, match="is not open"):
        transport.write(b"x", 20.0)
    transport.close()


@pytest.mark.parametrize("named_by", ["path", "serial number", "USB id"])
def test_another_board_is_not_taken_for_it(port: PluggablePort, named_by: str) -> None:
    path = port.plug_in("ttyACM0")
    ports = [PortInfo(os.path.realpath(path), USB_ID, f"{NUMBER}0")]
    transport = over(finder_by(named_by, path, lambda: ports), wait_s=0.3)
    port.pull_out()
    port.plug_in("ttyACM0")
    ports[0] = PortInfo(os.path.realpath(path), USB_ID, f"{NUMBER}1")
    with pytest.raises(TransportClosedError, match=r"not back within .* is not there; attached"):
        transport.read(1, 20.0)
    transport.close()


def test_a_wait_ends_with_its_client(port: PluggablePort) -> None:
    def check() -> None:
        raise TransportClosedError("The client has gone")

    path = str(port.plug_in("ttyACM0"))
    transport = ReconnectingTransport(lambda: SerialTransport(path, 115200), check)
    transport.open()
    port.pull_out()
    with pytest.raises(TransportClosedError, match="client has gone"):
        transport.read(1, 20.0)
    transport.close()


def test_silence_is_no_loss(port: PluggablePort) -> None:
    transport = over(PortFinder(BOARD, str(port.plug_in("ttyACM0")), None, tuple))
    with pytest.raises(TransportTimeoutError, match="Nothing came"):
        transport.read(1, 0.01)
    check_both_ways(transport, port)
    transport.close()
    transport.close()


def test_a_port_that_was_never_there(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(TransportError, match="Cannot open port"):
        over(PortFinder(BOARD, str(tmp_path / "none"), None, tuple))
    assert time.monotonic() - began < 5.0


def test_of_several_ports_of_one_board_the_same_is_taken() -> None:
    ports = [PortInfo(f"/dev/ttyACM{n}", USB_ID, NUMBER) for n in range(3)]
    finder = PortFinder(BOARD, "/dev/ttyACM1", None, lambda: ports)
    assert finder.find() == finder.find() == "/dev/ttyACM1"
    del ports[1]
    with pytest.raises(TransportError, match=r"ttyACM1 .* is not there; attached: /dev/ttyACM0"):
        finder.find()


def test_a_url_is_not_looked_up() -> None:
    def attached() -> tuple[PortInfo, ...]:
        raise AssertionError

    assert PortFinder(BOARD, "socket://lab:7", None, attached).find() == "socket://lab:7"

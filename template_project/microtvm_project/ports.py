# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Finds a board's serial port among those attached: exactly one, or an error that lists them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from microtvm_project.boards import Board


@dataclass(frozen=True)
class PortInfo:
    """A serial port as USB describes it; what a port lacks is ""."""

    device: str
    usb_id: str = ""
    serial_number: str = ""
    description: str = ""

    def __str__(self) -> str:
        parts = (self.usb_id, self.serial_number, self.description)
        return f"{self.device} ({', '.join(part for part in parts if part) or 'no USB data'})"


def attached_ports() -> tuple[PortInfo, ...]:
    """The serial ports of this machine, by name."""
    try:
        from serial.tools import list_ports
    except ImportError as error:
        raise TransportError(
            "The Python package pyserial is not installed", hint="pip install pyserial"
        ) from error
    found = (
        PortInfo(
            device=port.device,
            usb_id=f"{port.vid:04x}:{port.pid:04x}" if port.vid is not None else "",
            serial_number=port.serial_number or "",
            description=port.description or "",
        )
        for port in list_ports.comports()
    )
    return tuple(sorted(found, key=lambda port: port.device))


def known_ports() -> tuple[PortInfo, ...]:
    """The same; none where pyserial, which would know them, is missing."""
    try:
        return attached_ports()
    except TransportError:
        return ()


def choose_port(ports: Sequence[PortInfo], board: Board, serial_number: str | None) -> str:
    """The device of the board's port.

    Raises:
        TransportError: no port fits, or several do.
    """
    if serial_number:
        fitting = [port for port in ports if port.serial_number == serial_number]
        wanted = f"a port with serial number {serial_number}"
    else:
        fitting = [port for port in ports if port.usb_id and port.usb_id in board.usb_ids]
        wanted = f"a port with USB id {' or '.join(board.usb_ids) or 'of the board'}"
    if len(fitting) == 1:
        return fitting[0].device
    if fitting:
        raise TransportError(
            f"Several ports may be board {board.name}'s: {_list(fitting)}",
            expected=wanted,
            hint="choose with --project-option serial_number=NUMBER or port=PATH",
        )
    raise TransportError(
        f"No port is board {board.name}'s; attached: {_list(ports)}",
        expected=wanted,
        hint="attach the board, or choose with --project-option port=PATH",
    )


def identities(ports: Sequence[PortInfo], port: str, serial_number: str) -> tuple[str, ...]:
    """All that a board is known by: its port, and its probe's number; "" for neither.

    A port's USB data tells the number, so that one process may name the port of a board and
    another its number, and both mean the same. Probes of several ports have one number.
    """
    numbers = {serial_number}
    names = set()
    if port:
        path = port if "://" in port else os.path.realpath(port)
        names.add(f"port {path}")
        numbers |= {one.serial_number for one in ports if os.path.realpath(one.device) == path}
    # J-Link's tools leave out zeros that USB has.
    names |= {f"serial number {number.lstrip('0') or '0'}" for number in numbers if number}
    return tuple(sorted(names))


class PortFinder:
    """Where a board's port is: at first, and after the board was away.

    USB may give a port another name when it comes back; its serial number stays.

    Args:
        port: its path or URL, where the user says it.
        serial_number: of the board's probe, where the user says it.
        attached: the ports of this machine.
    """

    def __init__(
        self,
        board: Board,
        port: str | None,
        serial_number: str | None,
        attached: Callable[[], Sequence[PortInfo]] | None = None,
    ) -> None:
        self._board = board
        self._port = port
        self._serial_number = serial_number
        self._attached = attached or (known_ports if port else attached_ports)
        self._known: PortInfo | None = None

    def find(self) -> str:
        """The port's path or URL now.

        Raises:
            TransportError: no port fits, or several do.
        """
        if self._port and "://" in self._port:
            return self._port
        ports = self._attached()
        if self._known is not None and self._known.serial_number:
            return _find_again(ports, self._known)
        device = self._port or choose_port(ports, self._board, self._serial_number)
        path = os.path.realpath(device)
        self._known = next((port for port in ports if port.device == path), None)
        return device

    @property
    def serial_number(self) -> str:
        """Of the probe: as the user says it, or as USB has it; "" where neither does."""
        return self._serial_number or (self._known.serial_number if self._known else "")


def _find_again(ports: Sequence[PortInfo], known: PortInfo) -> str:
    """The device with the serial number of before: another board may have its name by now."""
    fitting = [
        port.device
        for port in ports
        if (port.serial_number, port.usb_id) == (known.serial_number, known.usb_id)
    ]
    if known.device in fitting:
        return known.device
    if len(fitting) == 1:
        return fitting[0]
    raise TransportError(
        f"{known} is not there; attached: {_list(ports)}",
        expected=f"a port with serial number {known.serial_number}",
    )


def _list(ports: Sequence[PortInfo]) -> str:
    return "; ".join(str(port) for port in ports) or "none"

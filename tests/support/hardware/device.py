# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The boards that the suite in tests/hardware runs on: named on the command line, or QEMU's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from microtvm_project.boards import Board, find_board, list_boards
from microtvm_project.ports import attached_ports, choose_port

from microtvm.cli.micro_boards import boards_text
from microtvm.errors import BoardError, TransportError
from microtvm.resources import boards_dir

QEMU_BOARDS = {
    "baremetal": ("mps2_an386", "mps2_an500"),
    "zephyr": ("mps2_an385", "mps2_an386", "mps2_an500", "mps2_an521"),
}
# Options of pytest that say which board is meant, and the project options that they become.
CHOICES = {"--serial-number": "serial_number", "--port": "port", "--place": "place"}

# With pytest -n 2 the tests of one board take turns.
_BOARD_TIMEOUT_S = 600


@dataclass(frozen=True)
class Device:
    """A board with a platform, and where it is.

    Attributes:
        chosen: project options of `flash` and `open_transport` that choose the board, as pairs;
            none of them for QEMU.
    """

    board: str
    platform: str
    chosen: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "-".join((self.board, self.platform, *(value for _, value in self.chosen)))

    def options(self) -> dict[str, str]:
        """The project options that reach it, after other processes that use it."""
        return {**dict(self.chosen), "board_timeout": str(_BOARD_TIMEOUT_S)}


def qemu_devices(platform: str) -> list[Device]:
    """The boards that QEMU plays on a platform."""
    return [Device(board, platform) for board in QEMU_BOARDS[platform]]


def named_devices(boards: Sequence[str], choices: dict[str, Sequence[str]]) -> list[Device]:
    """The boards of the command line; each must be there.

    Args:
        boards: values of --board.
        choices: values of further options, by project option; as many as there are boards, or
            several for one board's kind. An empty text leaves one out.

    Raises:
        BoardError: a board is not known, or the counts do not fit.
        TransportError: a board is not attached; the message lists what is.
    """
    counts = {len(values) for values in choices.values() if values}
    if counts and not boards:
        raise BoardError("A board was chosen but not named", expected="--board NAME")
    names = list(boards) * max(counts, default=1) if len(boards) == 1 else list(boards)
    if counts - {len(names)}:
        given = {name: len(values) for name, values in choices.items() if values}
        raise BoardError(
            f"{len(names)} boards were named, and {given} chosen", expected="one value for each"
        )
    devices = []
    for index, name in enumerate(names):
        chosen = ((option, values[index]) for option, values in choices.items() if values)
        devices.append(_device(name, tuple(pair for pair in chosen if pair[1])))
    return devices


def what_is_needed() -> str:
    """Why the suite cannot run on a board that was not named, with those that are attached."""
    boards = [find_board(boards_dir(), name) for name in list_boards(boards_dir())]
    attached = boards_text(boards, attached_ports(), only_attached=True)
    options = " ".join(f"[{option} TEXT]" for option in CHOICES)
    return f"needs a board: pytest -m hardware --board NAME {options}; {attached}"


def _device(name: str, chosen: tuple[tuple[str, str], ...]) -> Device:
    board = find_board(boards_dir(), name)
    platform = board.platforms[0]
    if platform == "zephyr" and not os.environ.get("ZEPHYR_BASE"):
        raise BoardError(f"Board {name} needs a Zephyr tree", hint="set ZEPHYR_BASE")
    _require_attached(board, dict(chosen))
    return Device(name, platform, chosen)


def _require_attached(board: Board, chosen: dict[str, str]) -> None:
    """Raises where it can be known that the board is not there."""
    port = chosen.get("port")
    if port is None and (chosen.get("serial_number") or not (board.qemu or chosen)):
        choose_port(attached_ports(), board, chosen.get("serial_number"))
    elif port is not None and "://" not in port and not Path(port).exists():
        raise TransportError(
            f"There is no port {port} for board {board.name}",
            expected=f"one of {', '.join(map(str, attached_ports())) or 'none: none is attached'}",
        )

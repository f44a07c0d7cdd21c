# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro boards: the boards that projects can be made for, and those attached now."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from microtvm.cli.command import Command
from microtvm.cli.console import format_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from microtvm_project.boards import Board
    from microtvm_project.ports import PortInfo

    from microtvm.cli.console import Console

_HEADER = ("board", "core", "MHz", "RAM", "platforms", "attached", "description")
_QEMU = "QEMU"


class BoardsCommand(Command):
    name = "boards"
    summary = "List the boards, and which of them may be attached"
    description = (
        "Lists the boards. One is attached if a port with its probe's USB id is; probes of one "
        "maker share an id, so a port may be listed with several boards."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--attached", action="store_true", help="only those that may be attached"
        )

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm_project.boards import find_board, list_boards
        from microtvm_project.ports import attached_ports

        from microtvm.resources import boards_dir

        folder = boards_dir()
        boards = [find_board(folder, name) for name in list_boards(folder)]
        console.print(boards_text(boards, attached_ports(), only_attached=arguments.attached))
        return 0


def boards_text(
    boards: Sequence[Board], ports: Sequence[PortInfo], *, only_attached: bool = False
) -> str:
    """A table of the boards, or a sentence where none is attached and no other is wanted."""
    rows = [_row(board, ports) for board in boards]
    if only_attached:
        rows = [row for row in rows if row[_HEADER.index("attached")] not in ("", _QEMU)]
        if not rows:
            seen = ", ".join(str(port) for port in ports) or "none"
            return f"no board is attached; serial ports: {seen}"
    return format_table(_HEADER, rows)


def _row(board: Board, ports: Sequence[PortInfo]) -> tuple[str, ...]:
    attached = [
        f"{port.device} ({port.serial_number})" if port.serial_number else port.device
        for port in ports
        if port.usb_id in board.usb_ids
    ]
    ram = "+".join(f"{region.size // 1024}" for region in board.regions("ram"))
    return (
        board.name,
        board.cpu,
        f"{board.clock_hz / 1e6:g}",
        f"{ram} KB",
        ", ".join(board.platforms),
        _QEMU if board.qemu else ", ".join(attached),
        board.description,
    )

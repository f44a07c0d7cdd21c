# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""QEMU behind a pseudo-terminal: a board that is attached by a serial port."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path

from microtvm_project.boards import find_board
from microtvm_project.process import end_with_parent
from microtvm_project.qemu import PROGRAM, QemuOptions, qemu_arguments

from microtvm.resources import boards_dir
from support.cmake_builds import find_program

# What is attached in tests that are not about a kind of board.
BOARD = "mps2_an386"

_END_S = 10.0


class AttachedBoard:
    """A board: its port is there as long as the board is, whatever runs on it.

    Attributes:
        port: the path, which others open as they do a board's.
    """

    def __init__(self, board: str) -> None:
        self._board = find_board(boards_dir(), board)
        # Our own end stays open, as the wire of a board is there while nobody uses it.
        self._theirs, self._ours = os.openpty()
        tty.setraw(self._ours)
        self.port = os.ttyname(self._ours)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, image: Path) -> None:
        """Runs a firmware from its start, in place of another."""
        self._stop()
        program = find_program(PROGRAM)
        self._process = subprocess.Popen(
            qemu_arguments(program, self._board, image, QemuOptions(), self._theirs),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._theirs,),
            preexec_fn=end_with_parent(),
        )

    def detach(self) -> None:
        """Ends the board, and its port with it."""
        self._stop()
        os.close(self._theirs)
        os.close(self._ours)

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(_END_S)
        self._process = None


@contextlib.contextmanager
def attached_board(board: str, image: Path) -> Iterator[str]:
    """A board with its firmware already flashed; the path of its port."""
    attached = AttachedBoard(board)
    try:
        attached.start(image)
        yield attached.port
    finally:
        attached.detach()

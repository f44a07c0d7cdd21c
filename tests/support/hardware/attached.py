# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""QEMU behind a pseudo-terminal: a board that is attached, with its firmware already flashed."""

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


@contextlib.contextmanager
def attached_board(board: str, image: Path) -> Iterator[str]:
    """Starts the board; the path of its serial port, which others open as they do a board's."""
    with contextlib.ExitStack() as stack:
        theirs, ours = os.openpty()
        stack.callback(os.close, theirs)
        # Kept open, as the wire of a board is there while nobody uses it.
        stack.callback(os.close, ours)
        tty.setraw(ours)
        data = find_board(boards_dir(), board)
        words = qemu_arguments(find_program(PROGRAM), data, image, QemuOptions(), theirs)
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs,),
            preexec_fn=end_with_parent(),
        )
        stack.callback(process.wait, 10)
        stack.callback(process.kill)
        yield os.ttyname(ours)

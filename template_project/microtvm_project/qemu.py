# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""QEMU in a board's place: starts it with the image, its console UART on a pseudo-terminal.

The terminal is opened by the code that opens a board's port.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import subprocess
import tempfile
import tty
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from microtvm_project.errors import BoardError, TransportClosedError, TransportError
from microtvm_project.process import child_environment, end_with_parent
from microtvm_project.protocol import TransportTimeouts
from microtvm_project.transports import SerialTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from microtvm_project.boards import Board

_LOG = logging.getLogger(__name__)

PROGRAM = "qemu-system-arm"

# QEMU gets the terminal's other end as an open file, in this set of its own.
_FD_SET = 1

_OUTPUT_TAIL_BYTES = 8000
_TOLD_LINES = 3
_KILL_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class QemuOptions:
    """How QEMU runs: counting instructions or not, and waiting for a debugger or not."""

    icount: bool = True
    gdbserver_port: int | None = None


def qemu_arguments(
    program: str, board: Board, image: Path, options: QemuOptions, terminal: int
) -> tuple[str, ...]:
    """QEMU's command line; `terminal` is the open file that becomes the console UART."""
    if board.qemu is None:
        raise BoardError(f"QEMU does not play board {board.name!r}")
    arguments = [program, "-machine", board.qemu.machine, "-nodefaults", "-display", "none"]
    arguments += ["-add-fd", f"fd={terminal},set={_FD_SET}"]
    arguments += ["-chardev", f"serial,id=console,path=/dev/fdset/{_FD_SET}"]
    for _ in range(board.qemu.serial):
        arguments += ["-serial", "null"]
    arguments += ["-serial", "chardev:console", "-kernel", str(image)]
    # A program may end QEMU by semihosting; with gdb as target it reaches nothing else of ours.
    arguments += ["-semihosting-config", "enable=on,target=gdb"]
    if options.icount:
        arguments += ["-icount", "shift=0"]
    if options.gdbserver_port is not None:
        arguments += ["-gdb", f"tcp:127.0.0.1:{options.gdbserver_port}", "-S"]
    return tuple(arguments)


class QemuTransport(Transport):
    """A device that QEMU plays. Closing it, or our death, ends QEMU."""

    timeouts = TransportTimeouts(2.0, 10.0, 10.0)

    def __init__(
        self,
        program: str,
        board: Board,
        image: Path,
        options: QemuOptions,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._program = program
        self._board = board
        self._image = image
        self._options = options
        self._outer_check = check
        self._resources = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._serial: SerialTransport | None = None

    def open(self) -> None:
        self.close()
        with contextlib.ExitStack() as stack:
            ours, theirs = _open_terminal(stack)
            self._output = stack.enter_context(tempfile.TemporaryFile())
            self._process = self._start(theirs, self._output)
            stack.callback(_end, self._process)
            serial = SerialTransport(os.ttyname(ours), self._board.baudrate, self._check)
            stack.callback(serial.close)
            serial.open()
            self._serial = serial
            self._resources = stack.pop_all()

    def close(self) -> None:
        self._serial = self._process = self._output = None
        self._resources.close()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        serial = self._opened()
        try:
            return serial.read(size, timeout_s)
        except TransportClosedError:
            # What QEMU wrote just before it ended is still in the terminal.
            return serial.read(size, 0.0)

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._opened().write(data, timeout_s)

    def _start(self, terminal: int, output: IO[bytes]) -> subprocess.Popen[bytes]:
        arguments = qemu_arguments(self._program, self._board, self._image, self._options, terminal)
        _LOG.info("%s", shlex.join(arguments))
        try:
            return subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=child_environment({}),
                pass_fds=(terminal,),
                preexec_fn=end_with_parent(),
            )
        except OSError as error:
            raise TransportError(f"Could not start {self._program}: {error.strerror}") from error

    def _check(self) -> None:
        """Ends a wait when QEMU has ended, and tells what it said."""
        self._outer_check()
        if self._process is None or self._output is None or self._process.poll() is None:
            return
        code, said = self._process.returncode, _last_words(self._output)
        raise TransportClosedError(f"QEMU ended with exit code {code}; it said: {said}")

    def _opened(self) -> SerialTransport:
        if self._serial is None:
            raise TransportClosedError("QEMU is not running")
        return self._serial


def _open_terminal(stack: contextlib.ExitStack) -> tuple[int, int]:
    """Both ends of a pseudo-terminal that passes bytes on unchanged: ours, QEMU's.

    Both stay open here: with the last copy of its end, what QEMU wrote would be gone.
    """
    theirs, ours = os.openpty()
    stack.callback(os.close, theirs)
    stack.callback(os.close, ours)
    tty.setraw(ours)
    return ours, theirs


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and waits for it, so that no zombie is left."""
    process.kill()
    process.wait(_KILL_TIMEOUT_S)


def _last_words(output: IO[bytes]) -> str:
    """The lines in which QEMU speaks of itself, else the last ones: the rest is registers."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _OUTPUT_TAIL_BYTES))
    text = output.read().decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if "warning:" not in line]
    own = [line for line in lines if PROGRAM in line or line.startswith("qemu")]
    return "; ".join((own or lines)[-_TOLD_LINES:]) or "nothing"

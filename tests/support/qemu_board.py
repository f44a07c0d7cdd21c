# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A board that QEMU plays and that stays on: a port with a path, and a reset button."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tty
from pathlib import Path
from types import TracebackType
from typing import Any

from microtvm_project.boards import find_board
from microtvm_project.process import end_with_parent
from microtvm_project.qemu import PROGRAM, QemuOptions, qemu_arguments

from support.cmake_builds import ROOT, find_program

_TIMEOUT_S = 20.0


class QemuBoard:
    """A context manager. Sessions open `port` one after another; the program runs on.

    Args:
        image: of the firmware.
        board: by its name in boards/.
    """

    def __init__(self, image: Path, board: str) -> None:
        self._resources = contextlib.ExitStack()
        with contextlib.ExitStack() as stack:
            theirs, kept = os.openpty()
            stack.callback(os.close, theirs)
            stack.callback(os.close, kept)
            tty.setraw(kept)
            self.port = os.ttyname(kept)
            ours, qemus = socket.socketpair()
            stack.callback(ours.close)
            with qemus:
                self._process = _start(image, board, theirs, qemus)
            stack.callback(self._end)
            ours.settimeout(_TIMEOUT_S)
            self._monitor = stack.enter_context(ours.makefile("rw", encoding="utf-8"))
            assert "QMP" in self._reply()
            self._command("qmp_capabilities")
            self._resources = stack.pop_all()

    def __enter__(self) -> QemuBoard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.close()

    def press_reset(self) -> None:
        """Starts the firmware again, whatever it does; its RAM keeps what it holds."""
        self._command("system_reset")

    def pause(self) -> None:
        """Stops the core until resume()."""
        self._command("stop")

    def resume(self) -> None:
        """Lets the core go on."""
        self._command("cont")

    def _command(self, name: str) -> None:
        self._monitor.write(json.dumps({"execute": name}) + "\n")
        self._monitor.flush()
        while "return" not in (reply := self._reply()):
            assert "error" not in reply, reply

    def _reply(self) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(self._monitor.readline())
        return reply

    def _end(self) -> None:
        self._process.kill()
        self._process.wait(_TIMEOUT_S)


def _start(
    image: Path, board: str, terminal: int, monitor: socket.socket
) -> subprocess.Popen[bytes]:
    known = find_board(ROOT / "boards", board)
    arguments = qemu_arguments(find_program(PROGRAM), known, image, QemuOptions(), terminal)
    descriptor = monitor.fileno()
    control = ("-chardev", f"socket,id=monitor,fd={descriptor}", "-mon", "monitor,mode=control")
    return subprocess.Popen(
        [*arguments, *control],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(terminal, descriptor),
        preexec_fn=end_with_parent(),
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Owns a Project API server: starts it, keeps what it logs, and ends it whatever happens."""

from __future__ import annotations

import collections
import contextlib
import logging
import os
import select
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from microtvm_project.protocol import MAX_LINE_BYTES

from microtvm.errors import ProjectServerError

_LOG = logging.getLogger(__name__)

SERVER_SCRIPT = "microtvm_api_server.py"
LAUNCH_SCRIPT = "launch_microtvm_api_server.sh"

LogSink = Callable[[str], None]

_KEPT_LINES = 30
_END_TIMEOUT_S = 5.0
_CHUNK = 1 << 16


def server_command(folder: Path) -> tuple[str, ...]:
    """What starts the server of a project or template, without its arguments.

    Raises:
        ProjectServerError: the folder has no server.
    """
    script = folder / SERVER_SCRIPT
    if script.is_file():
        return (sys.executable, str(script))
    launcher = folder / LAUNCH_SCRIPT
    if launcher.is_file():
        return (str(launcher), str(script))
    raise ProjectServerError(
        f"{folder} has no Project API server",
        expected=f"{SERVER_SCRIPT} or {LAUNCH_SCRIPT} in it",
        hint="create a project with `tvmc micro create`",
    )


class ServerProcess:
    """A running server and the two pipes to it; lines in, lines out.

    Args:
        folder: of the project or template.
        log: is given each line that the server logs.
    """

    def __init__(self, folder: Path, log: LogSink | None = None) -> None:
        self.folder = folder
        self._log = log or _log_debug
        self._last: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)
        self._received = bytearray()
        self._waiting = False
        with contextlib.ExitStack() as stack:
            self._process = self._start(stack)
            self._resources = stack.pop_all()
        self._drain = threading.Thread(target=self._drain_log, daemon=True)
        self._drain.start()

    def exchange(self, line: bytes, timeout_s: float | None) -> bytes:
        """Sends a line and waits for the server's.

        Raises:
            ProjectServerError: the server has ended, or did not answer in time.
        """
        self._waiting = True
        try:
            self._send(line)
        except BrokenPipeError as error:
            raise self._died() from error
        reply = self._receive(timeout_s)
        self._waiting = False
        return reply

    def close(self) -> None:
        """Ends the server and what it has started; any number of times."""
        if self._process.poll() is None and self._waiting:
            self._kill_group()
        self._resources.close()
        self._wait_for_end()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _start(self, stack: contextlib.ExitStack) -> subprocess.Popen[bytes]:
        request_fd, self._write_fd = os.pipe()
        self._read_fd, reply_fd = os.pipe()
        stack.callback(os.close, self._write_fd)
        stack.callback(os.close, self._read_fd)
        files = ("--read-fd", str(request_fd), "--write-fd", str(reply_fd))
        try:
            command = (*server_command(self.folder), *files)
            _LOG.debug("%s", shlex.join(command))
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(request_fd, reply_fd),
                start_new_session=True,
            )
        except OSError as error:
            found = f"Could not start the server of {self.folder}: {error.strerror}"
            raise ProjectServerError(found) from error
        finally:
            os.close(request_fd)
            os.close(reply_fd)

    def _send(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            rest = rest[os.write(self._write_fd, rest) :]

    def _receive(self, timeout_s: float | None) -> bytes:
        end = None if timeout_s is None else time.monotonic() + timeout_s
        searched = 0
        while (length := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > MAX_LINE_BYTES:
                raise ProjectServerError(
                    f"The server of {self.folder} sent a line of more than {MAX_LINE_BYTES} bytes"
                )
            wait = None if end is None else max(0.0, end - time.monotonic())
            readable, _, _ = select.select([self._read_fd], [], [], wait)
            if not readable:
                raise ProjectServerError(
                    f"The server of {self.folder} did not answer within {timeout_s:g} s"
                )
            chunk = os.read(self._read_fd, _CHUNK)
            if not chunk:
                raise self._died()
            self._received += chunk
        line = bytes(self._received[:length])
        del self._received[: length + 1]
        return line

    def _drain_log(self) -> None:
        """Takes what the server logs, so that it never waits for us to."""
        assert self._process.stderr is not None
        for raw in self._process.stderr:
            line = raw.decode("utf-8", "replace").rstrip()
            self._last.append(line)
            self._log(line)

    def _died(self) -> ProjectServerError:
        """The error for a server that is gone, with its last words."""
        self._wait_for_end()
        code = self._process.returncode
        words = "\n".join(f"    {line}" for line in self._last) or "    (nothing)"
        return ProjectServerError(
            f"The server of {self.folder} ended with exit code {code}; its last words:\n{words}"
        )

    def _wait_for_end(self) -> None:
        """Waits for the server to end by itself, and then no longer."""
        try:
            self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._kill_group()
            self._process.wait()
        self._drain.join(_END_TIMEOUT_S)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _log_debug(line: str) -> None:
    _LOG.debug("%s", line)

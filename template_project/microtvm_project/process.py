# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The one place that runs programs: logs the command, keeps the last lines for the error."""

from __future__ import annotations

import collections
import ctypes
import io
import logging
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from microtvm_project.errors import BuildError, MicroTVMError
from microtvm_project.toolchain import search_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_KEPT_LINES = 30
_KEPT_ERRORS = 5
_KEPT_COLUMNS = 300
_KEPT_BYTES = 1 << 18
_SLICE_S = 0.25
_ERROR_LINE = re.compile(r"\berror:", re.IGNORECASE)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Command:
    """A program with its arguments, the folder it runs in, and additions to our environment."""

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        settings = [f"{name}={value}" for name, value in sorted(self.environment.items())]
        return " ".join(shlex.quote(word) for word in (*settings, *self.arguments))


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its exit code, None where we ended it, and the first it printed."""

    code: int | None
    text: str


class _Kept:
    """What an error tells of a program's output: its first errors and its last words."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: collections.deque[str] = collections.deque(maxlen=_KEPT_LINES)

    def add(self, line: str) -> None:
        shown = line if len(line) <= _KEPT_COLUMNS else f"{line[:_KEPT_COLUMNS]}..."
        self._last.append(shown)
        if len(self._first) < _KEPT_ERRORS and _ERROR_LINE.search(line):
            self._first.append(shown)

    def last(self) -> list[str]:
        return list(self._last)

    def telling(self) -> list[str]:
        first = [line for line in self._first if line not in self._last]
        return [*first, "...", *self._last] if first else self.last()


def run(command: Command, *, verbose: bool = False, error: type[MicroTVMError] = BuildError) -> str:
    """Runs a program to its end and returns the last lines of what it printed.

    Raises:
        error: it could not be started, or its exit code is not 0.
    """
    _LOG.info("%s", command)
    level = logging.INFO if verbose else logging.DEBUG
    kept = _Kept()
    with _start(command, subprocess.PIPE, subprocess.STDOUT, error) as process:
        assert process.stdout is not None
        # A line ends with a carriage return too: progress is told while it is made.
        with io.TextIOWrapper(process.stdout, "utf-8", "replace") as lines:
            for line in lines:
                kept.add(line.rstrip())
                _LOG.log(level, "%s", line.rstrip())
    if process.returncode != 0:
        found = f"A program ended with exit code {process.returncode}: {command}"
        raise error("\n".join((found, *kept.telling())))
    return "\n".join(kept.last())


def output_of(command: Command, *, error: type[MicroTVMError] = BuildError) -> str:
    """Runs a program to its end and returns all that it printed.

    Raises:
        error: it could not be started, or its exit code is not 0.
    """
    with _start(command, subprocess.PIPE, subprocess.PIPE, error) as process:
        printed, said = (_decode(output) for output in process.communicate())
    if process.returncode != 0:
        found = f"A program ended with exit code {process.returncode}: {command}"
        raise error("\n".join((found, *said.splitlines()[-_KEPT_LINES:])))
    return printed


def run_within(
    command: Command,
    timeout_s: float,
    check: Callable[[], None] = lambda: None,
    *,
    error: type[MicroTVMError] = BuildError,
) -> Outcome:
    """Runs a program to its end, or ends it when its time is over.

    What it prints goes to a file: whoever it leaves behind with a pipe's end cannot keep us.

    Args:
        command: the program.
        timeout_s: how long it may take.
        check: called now and then; raises to end the wait and the program.
        error: raised where the program could not be started.
    """
    _LOG.info("%s", command)
    with tempfile.TemporaryFile() as output:
        process = _start(command, output, output, error)
        try:
            code = _wait(process, timeout_s, check)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        return Outcome(code, _decode(output.read(_KEPT_BYTES)))


def _start(
    command: Command,
    output: int | IO[bytes],
    errors: int | IO[bytes],
    error: type[MicroTVMError],
) -> subprocess.Popen[bytes]:
    """Starts a program that reads nothing and ends with us."""
    try:
        return subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=child_environment(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            preexec_fn=end_with_parent(),
        )
    except (OSError, ValueError) as failure:
        told = failure.strerror if isinstance(failure, OSError) else failure
        raise error(f"Could not run {command.arguments[0]}: {told}") from failure


def _decode(output: bytes) -> str:
    return output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _wait(
    process: subprocess.Popen[bytes], timeout_s: float, check: Callable[[], None]
) -> int | None:
    """The exit code; None where the process has not ended in time."""
    end = time.monotonic() + timeout_s
    while True:
        rest = end - time.monotonic()
        try:
            return process.wait(min(_SLICE_S, max(0.0, rest)))
        except subprocess.TimeoutExpired:
            if rest <= 0:
                return None
        check()


def child_environment(additions: Mapping[str, str]) -> dict[str, str]:
    """Our environment, with programs beside this Python found first."""
    return {**os.environ, "PATH": search_path(), **additions}


def end_with_parent() -> Callable[[], None] | None:
    """What a child calls before its program starts, so that it is killed when we die.

    Linux alone has this; elsewhere a child of a killed server lives on.
    """
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return in_child

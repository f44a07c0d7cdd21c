# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps a board for one process at a time, from its flashing to the end of its transport.

A lock is an open file that is locked (flock), so it ends with the process that holds it, whatever
ends that. The files stay: one that is removed while somebody waits for it would be two locks.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.errors import BoardInUseError, TransportError
from microtvm_project.transports import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# How often a board that is in use is tried again.
_RETRY_S = 0.1

# A server whose client was killed notices between two waits, and then lets the board go.
_ORPHAN_S = 1.0

_MOST_NOTE_BYTES = 4096
_SHOWN_COMMAND = 120


def lock_folder(environment: Mapping[str, str]) -> Path:
    """The folder of this user's locks: in XDG_RUNTIME_DIR, /run/user/UID or, without them, /tmp."""
    user = os.getuid()
    for folder in (environment.get("XDG_RUNTIME_DIR"), f"/run/user/{user}"):
        if folder and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder) / "microtvm"
    return Path("/tmp") / f"microtvm-{user}"


class BoardLocks:
    """The locks that a process holds.

    Args:
        folder: of the lock files, which all processes of a user must share.
        check: called while a lock is waited for; raises to end the wait.
    """

    def __init__(self, folder: Path, check: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._check = check
        self._held: dict[str, int] = {}

    def take(self, board: str, names: Iterable[str], timeout_s: float) -> None:
        """Takes the locks of one board; those that are held already stay held.

        Args:
            board: its name, for messages.
            names: all that it is known by, as `ports.identities` tells.
            timeout_s: how long to wait for another process.

        Raises:
            BoardInUseError: another process uses the board; none of `names` is taken then.
            TransportError: the folder cannot be used.
        """
        deadline = Deadline(timeout_s)
        taken: dict[str, int] = {}
        try:
            # Everybody takes them in the same order, so that no two wait for each other.
            for name in sorted(set(names) - set(self._held)):
                taken[name] = self._lock(board, name, deadline)
        except BaseException:
            _close_all(taken)
            raise
        self._held.update(taken)

    def release(self) -> None:
        """Gives all of them back; any number of times."""
        _close_all(self._held)

    def _lock(self, board: str, name: str, deadline: Deadline) -> int:
        """The open file of a lock that is ours."""
        path = _private_folder(self._folder) / _file_name(name)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _unusable(path, error) from error
        orphan = Deadline(_ORPHAN_S)
        try:
            while not _try_lock(descriptor):
                ends = not orphan.has_passed() and _is_orphan(descriptor)
                if deadline.has_passed() and not ends:
                    raise _in_use(board, name, descriptor)
                self._check()
                time.sleep(_RETRY_S if ends else min(_RETRY_S, deadline.slice()))
            _note_holder(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def _close_all(descriptors: dict[str, int]) -> None:
    while descriptors:
        os.close(descriptors.popitem()[1])


def _file_name(name: str) -> str:
    """One for each name; the start is there to be read, the sum tells names apart."""
    shown = "".join(letter if letter.isalnum() else "_" for letter in name[-40:])
    return f"{shown}-{hashlib.sha256(name.encode('utf-8')).hexdigest()[:16]}.lock"


def _private_folder(folder: Path) -> Path:
    """The folder, made where it is missing; one that others could write to is refused."""
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError as error:
        raise _unusable(folder, error) from error
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o022
    if not private or found.st_uid != os.getuid():
        raise TransportError(
            f"{folder} is not this user's own folder, so no lock of a board can be kept in it",
            expected="a folder that nobody else can write to",
            hint="remove it, or set XDG_RUNTIME_DIR",
        )
    return folder


def _unusable(path: Path, error: OSError) -> TransportError:
    return TransportError(
        f"The lock of a board cannot be kept in {path}: {error.strerror}",
        hint="set XDG_RUNTIME_DIR to a folder of your own",
    )


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note_holder(descriptor: int) -> None:
    """Writes down who we are, for those who find the board in use."""
    note = {
        "process": os.getpid(),
        "parent": os.getppid(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "command": shlex.join(sys.argv)[:_SHOWN_COMMAND],
    }
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(note).encode("utf-8"), 0)


def _is_orphan(descriptor: int) -> bool:
    """Whether whoever started the holder is gone."""
    try:
        parent = int(json.loads(os.pread(descriptor, _MOST_NOTE_BYTES, 0))["parent"])
        os.kill(parent, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError, ValueError, KeyError, TypeError):
        return False
    return False


def _in_use(board: str, name: str, descriptor: int) -> BoardInUseError:
    """The error, with what the holder has written; it may just be writing."""
    try:
        note = json.loads(os.pread(descriptor, _MOST_NOTE_BYTES, 0))
        who = f"process {note['process']} (started by {note['parent']}) since {note['since']}"
        command = f": {note['command']}"
    except (ValueError, KeyError, TypeError):
        who, command = "another process", ""
    return BoardInUseError(
        f"Board {board} ({name}) is used by {who}{command}",
        expected="a board that no other process uses",
        hint="another serial_number or port, end that process, or wait for it with"
        " --project-option board_timeout=SECONDS",
    )

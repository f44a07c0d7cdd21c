# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What became of processes: whether they have ended, and whether somebody has taken note."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
from collections.abc import Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def children_of(process: int) -> list[int]:
    """The processes that it has started and that were not waited for."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(word) for path in tasks for word in path.read_text().split()]


@contextlib.contextmanager
def adopting_orphans() -> Iterator[None]:
    """Whoever loses its parent meanwhile becomes our child, so that its end can be seen."""
    library = ctypes.CDLL(None, use_errno=True)
    assert library.prctl(_PR_SET_CHILD_SUBREAPER, 1) == 0
    try:
        yield
    finally:
        library.prctl(_PR_SET_CHILD_SUBREAPER, 0)


def has_ended(process: int, timeout_s: float = 20.0) -> bool:
    """Waits for the end of a process that may be anybody's child."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], timeout_s)[0])
    finally:
        os.close(descriptor)
        # It may have become our own child.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Files that users name: read with errors that say what is wrong, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from microtvm.errors import MicroTVMError


def read_file(path: Path, kind: str) -> bytes:
    """The file's bytes; `kind` says what it should be, for the error."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MicroTVMError(
            f"cannot read {kind} '{path}': {error.strerror}", expected="a file that can be read"
        ) from error


@contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """A new file's path beside `path`, which takes its place only if all goes well."""
    require_directory(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def require_directory(path: Path) -> None:
    if not path.is_dir():
        raise MicroTVMError(
            f"there is no directory '{path}' to write to", hint=f"mkdir -p '{path}'"
        )


def _umask() -> int:
    """The process's mask, which can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

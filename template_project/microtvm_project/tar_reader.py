# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Reads an uncompressed tar archive that may be hostile: files and folders in it, nothing else.

Python's own reader knows many dialects, and archives exist that make it loop,
or unpack gigabytes from nothing. This one knows plain headers, ignores extended
ones that change nothing but times and owners, and refuses the rest by name.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

MAX_ARCHIVE_BYTES = 64 << 20
MAX_MEMBERS = 4096

_BLOCK = 512
_FILE_TYPES = (b"0", b"\0", b"7")
_FOLDER_TYPE = b"5"
_EXTENDED_TYPES = (b"x", b"g")
_REFUSED_TYPES = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a character device",
    b"4": "a block device",
    b"6": "a FIFO",
    b"S": "a sparse file",
}
# Extended records that would change what is read, and not only its times and owners.
_REFUSED_RECORD = re.compile(rb"(?:^|\n)[0-9]+ (path|linkpath|size|GNU\.[^=\n]*)=")
_PLAIN_PART = re.compile(r"[A-Za-z0-9_+@=,~-][A-Za-z0-9._+@=,~ -]*|\.[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class _Header:
    name: str
    type: bytes
    size: int


def read_tar(path: Path) -> dict[str, bytes]:
    """The files of an archive, by names like `codegen/host/src/x.c`, in the archive's order.

    Raises:
        ArchiveError: the archive is damaged, too large, or holds what a folder of
            plain files would not.
    """
    return _read_members(_read_whole(path), str(path))


def _read_whole(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArchiveError(f"{path} is not a file", expected="a tar archive")
        if status.st_size > MAX_ARCHIVE_BYTES:
            raise ArchiveError(
                f"{path} has {status.st_size} bytes", expected=f"at most {MAX_ARCHIVE_BYTES}"
            )
        return path.read_bytes()
    except OSError as error:
        raise ArchiveError(f"Cannot read {path}: {error.strerror}") from error


def _read_members(data: bytes, where: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    offset = 0
    for _ in range(MAX_MEMBERS):
        block = data[offset : offset + _BLOCK]
        if len(block) == _BLOCK and not any(block):
            _check_folders(files, where)
            return files
        header = _parse_header(block, where)
        start = offset + _BLOCK
        content = data[start : start + header.size]
        if len(content) < header.size:
            raise _damaged(where, f"{header.name!r} should have {header.size} bytes")
        offset = start + -(-header.size // _BLOCK) * _BLOCK
        _add_member(files, header, content, where)
    raise ArchiveError(f"{where} has too many members", expected=f"at most {MAX_MEMBERS - 1}")


def _parse_header(block: bytes, where: str) -> _Header:
    if len(block) < _BLOCK:
        raise _damaged(where, "it has no end mark")
    total = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if _octal(block[148:156]) != total:
        raise _damaged(where, "a header's checksum is wrong")
    size = _octal(block[124:136])
    if size is None:
        raise _damaged(where, "a header's size is not an octal number")
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    name = _text(block[0:100])
    return _Header(f"{prefix}/{name}" if prefix else name, block[156:157], size)


def _add_member(files: dict[str, bytes], header: _Header, content: bytes, where: str) -> None:
    if header.type in _EXTENDED_TYPES:
        record = _REFUSED_RECORD.search(content)
        if record:
            raise _refused(where, header.name, f"an extended header with {record[1]!r}")
    elif header.type == _FOLDER_TYPE:
        if header.name.rstrip("/") not in ("", "."):
            _clean_name(header.name.rstrip("/"), where)
    elif header.type in _FILE_TYPES:
        _add_file(files, _clean_name(header.name, where), content, where)
    else:
        kind = _REFUSED_TYPES.get(header.type, f"of type {header.type!r}")
        raise _refused(where, header.name, kind)


def _add_file(files: dict[str, bytes], name: str, content: bytes, where: str) -> None:
    if name in files:
        raise _refused(where, name, "there twice")
    files[name] = content


def _check_folders(files: dict[str, bytes], where: str) -> None:
    """No name is a file's and a folder's at once."""
    for name in files:
        for match in re.finditer("/", name):
            if name[: match.start()] in files:
                raise _refused(where, name, "in a folder that is also a file")


def _clean_name(name: str, where: str) -> str:
    """A relative name of plain parts; a leading `./` is dropped."""
    parts = name.split("/")
    if parts[0] == ".":
        parts = parts[1:]
    if not parts or not all(_PLAIN_PART.fullmatch(part) for part in parts):
        raise _refused(where, name, "named in a way that no file of a project is")
    return "/".join(parts)


def _octal(field: bytes) -> int | None:
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else None


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def _damaged(where: str, why: str) -> ArchiveError:
    return ArchiveError(
        f"{where} is damaged: {why}",
        expected="a whole, uncompressed tar archive",
        hint="write or copy the archive again",
    )


def _refused(where: str, name: str, kind: str) -> ArchiveError:
    return ArchiveError(
        f"{where} is refused: its member {name!r} is {kind}",
        expected="plain files in folders of their own",
    )

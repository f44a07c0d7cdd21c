# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Model archives made from the firmware's stub model, whole and spoilt."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "zephyr_app" / "models" / "stub"


def stub_files(name: str = "stub") -> dict[str, bytes]:
    """The stub's files, as a model of another name if one is given."""
    files = {
        path.relative_to(STUB).as_posix().replace("stub", name): _rename(path.read_bytes(), name)
        for path in sorted(STUB.rglob("*"))
        if path.is_file()
    }
    return with_sums(files, name)


def with_sums(files: Mapping[str, bytes], name: str = "stub") -> dict[str, bytes]:
    """The files, with the checksums in metadata.json as the code has them."""
    metadata = json.loads(files["metadata.json"])
    metadata["modules"][name]["microtvm"]["files"] = {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path.startswith("codegen/")
    }
    return {**files, "metadata.json": json.dumps(metadata).encode()}


def file_member(name: str, content: bytes = b"") -> tuple[tarfile.TarInfo, bytes]:
    """A plain file for `pack_members`."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def special_member(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """A member of another type, perhaps with a link's target."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member, b""


def pack_members(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """An archive of members that tarfile itself would not make from files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive of plain files, named as the Model Library Format names them."""
    return pack_members(file_member(f"./{name}", content) for name, content in files.items())


def write_stub_archive(path: Path, name: str = "stub") -> Path:
    """Writes the stub's module.tar and returns its path."""
    path.write_bytes(pack(stub_files(name)))
    return path


def _rename(content: bytes, name: str) -> bytes:
    return content.replace(b"stub", name.encode()).replace(b"STUB", name.upper().encode())

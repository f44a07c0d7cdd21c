# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Plain archives are read; damaged and hostile ones are refused by name."""

from __future__ import annotations

import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from microtvm_project import tar_reader
from microtvm_project.errors import ArchiveError
from microtvm_project.tar_reader import read_tar
from support.archives import file_member, pack, pack_members, special_member

FILES = {"metadata.json": b"{}", "codegen/host/src/a_lib0.c": b"int x;\n" * 300, "empty": b""}


def read(tmp_path: Path, data: bytes) -> dict[str, bytes]:
    path = tmp_path / "module.tar"
    path.write_bytes(data)
    return read_tar(path)


def test_files_come_back_in_order(tmp_path: Path) -> None:
    assert list(read(tmp_path, pack(FILES)).items()) == list(FILES.items())


def test_folders_and_times_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "module.tar"
    (tmp_path / "tree" / "a").mkdir(parents=True)
    (tmp_path / "tree" / "a" / "b.c").write_bytes(b"text")
    os.utime(tmp_path / "tree" / "a" / "b.c", (1.5, 1.5))
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(tmp_path / "tree", arcname=".")
    assert read_tar(path) == {"a/b.c": b"text"}


def test_long_names_use_the_prefix(tmp_path: Path) -> None:
    name = f"{'d' * 90}/{'f' * 90}.c"
    assert read(tmp_path, pack({name: b"1"})) == {name: b"1"}


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "a/./b",
        "..",
        "",
        "./",
        "a/",
        "a\\b",
        "a\nb",
        "C:/x",
        "a/\x1b[31m",
        "a/...",
        "-rf/../x",
    ],
)
def test_names_that_could_lead_elsewhere(tmp_path: Path, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.type = b"0"
    with pytest.raises(ArchiveError, match=r"is refused: its member"):
        read(tmp_path, pack_members([(member, b"")]))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "a symbolic link"),
        (tarfile.LNKTYPE, "a hard link"),
        (tarfile.CHRTYPE, "a character device"),
        (tarfile.BLKTYPE, "a block device"),
        (tarfile.FIFOTYPE, "a FIFO"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
        (tarfile.GNUTYPE_LONGNAME, "of type b'L'"),
        (b"\xff", "of type"),
    ],
)
def test_members_that_are_no_files(tmp_path: Path, kind: bytes, told: str) -> None:
    data = pack_members([special_member("x", kind, "/etc/passwd")])
    with pytest.raises(ArchiveError, match=told):
        read(tmp_path, data)


@pytest.mark.parametrize("record", ["path", "linkpath", "size", "GNU.sparse.size"])
def test_extended_headers_that_change_what_is_read(tmp_path: Path, record: str) -> None:
    member = tarfile.TarInfo("x")
    member.pax_headers = {record: "../../x"}
    data = member.tobuf(tarfile.PAX_FORMAT) + bytes(1024)
    with pytest.raises(ArchiveError, match="an extended header"):
        read(tmp_path, data)


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b/c", "a/b"), ("./a", "a")])
def test_names_that_are_there_twice(tmp_path: Path, names: tuple[str, str]) -> None:
    data = pack_members(file_member(name, b"1") for name in names)
    with pytest.raises(ArchiveError, match=r"there twice|also a file"):
        read(tmp_path, data)


@pytest.mark.parametrize("size", [1 << 20, 8**11 - 1])
def test_a_size_beyond_the_end(tmp_path: Path, size: int) -> None:
    member = tarfile.TarInfo("x")
    member.size = size
    with pytest.raises(ArchiveError, match=f"should have {size} bytes"):
        read(tmp_path, member.tobuf(tarfile.USTAR_FORMAT) + bytes(2048))


def test_a_size_in_binary(tmp_path: Path) -> None:
    member = tarfile.TarInfo("x")
    member.size = 8**11
    with pytest.raises(ArchiveError, match="not an octal number"):
        read(tmp_path, member.tobuf(tarfile.GNU_FORMAT) + bytes(2048))


def test_truncation_at_every_block(tmp_path: Path) -> None:
    whole = pack(FILES)
    end_of_files = len(whole.rstrip(b"\0")) // 512 * 512 + 512
    for size in range(0, end_of_files + 1, 512):
        with pytest.raises(ArchiveError, match="damaged"):
            read(tmp_path, whole[:size])
    for size in range(end_of_files + 512, len(whole) + 1, 512):
        assert read(tmp_path, whole[:size]) == FILES


def test_truncation_within_the_files_is_always_seen(tmp_path: Path) -> None:
    whole = pack(FILES)
    last_header = whole.rindex(b"./empty")
    for size in range(0, last_header + 513, 131):
        with pytest.raises(ArchiveError, match="damaged"):
            read(tmp_path, whole[:size])


def flip(data: bytes, generator: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(generator.randrange(1, 8)):
        spoilt[generator.randrange(len(spoilt))] ^= 1 << generator.randrange(8)
    return bytes(spoilt)


def noise(data: bytes, generator: random.Random) -> bytes:
    return generator.randbytes(generator.randrange(4096))


@pytest.mark.parametrize("spoil", [flip, noise])
def test_random_damage_ends_in_one_kind_of_error(
    tmp_path: Path, spoil: Callable[[bytes, random.Random], bytes]
) -> None:
    generator = random.Random(20)
    whole = pack(FILES)
    for _ in range(300):
        try:
            files = read(tmp_path, spoil(whole, generator))
        except ArchiveError:
            continue
        assert all(not name.startswith(("/", "..")) for name in files)


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_reader, "MAX_MEMBERS", 3)
    with pytest.raises(ArchiveError, match="too many members"):
        read(tmp_path, pack(FILES))


def test_too_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_reader, "MAX_ARCHIVE_BYTES", 1024)
    with pytest.raises(ArchiveError, match="at most 1024"):
        read(tmp_path, pack(FILES))


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path, told in ((tmp_path / "fifo", "not a file"), (tmp_path, "not a file")):
        with pytest.raises(ArchiveError, match=told):
            read_tar(path)
    with pytest.raises(ArchiveError, match="No such file"):
        read_tar(tmp_path / "missing.tar")

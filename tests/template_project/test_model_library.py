# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A module.tar is believed only where its metadata and its files agree."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from microtvm_project.errors import ArchiveError
from microtvm_project.model_library import Module, Pool, read_model_library
from support.archives import pack, stub_files, with_sums, write_stub_archive

Metadata = dict[str, Any]


def read_with(tmp_path: Path, files: dict[str, bytes]) -> None:
    path = tmp_path / "module.tar"
    path.write_bytes(pack(files))
    read_model_library(path)


def changed(change: Callable[[Metadata, Metadata], None]) -> dict[str, bytes]:
    """The stub's files, its metadata changed; `change` gets all of it and the stub's part."""
    files = stub_files()
    metadata = json.loads(files["metadata.json"])
    change(metadata, metadata["modules"]["stub"]["microtvm"])
    return {**files, "metadata.json": json.dumps(metadata).encode()}


def test_the_stub(tmp_path: Path) -> None:
    library = read_model_library(write_stub_archive(tmp_path / "module.tar"))
    assert library.name == "stub"
    assert library.modules == (
        Module(
            name="stub",
            target="portable C",
            checksum=1398035778,
            pools=(Pool("global_workspace", 32),),
            constant_pools=(),
            constant_bytes=0,
            stack_bytes=64,
        ),
    )
    assert dict(library.files) == stub_files()


def test_unpacking_writes_each_file(tmp_path: Path) -> None:
    library = read_model_library(write_stub_archive(tmp_path / "module.tar"))
    library.unpack(tmp_path / "out")
    written = {
        path.relative_to(tmp_path / "out").as_posix(): path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert written == stub_files()


def test_several_modules_in_one_archive(tmp_path: Path) -> None:
    first, second = stub_files("one"), stub_files("two")
    metadata = json.loads(first["metadata.json"])
    metadata["modules"].update(json.loads(second["metadata.json"])["modules"])
    path = tmp_path / "module.tar"
    path.write_bytes(pack({**first, **second, "metadata.json": json.dumps(metadata).encode()}))
    assert [module.name for module in read_model_library(path).modules] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[]", "is a list"),
        (b"{}", "has no 'version'"),
        (b'{"version": true}', "'version' is True"),
        (b'{"version": 7}', "has no 'modules'"),
        (b'{"version": 7, "modules": {}}', "names no module"),
        (b'{"version": 7, "modules": {"x": 1}}', "x is 1"),
        (b'{"version": 7, "modules": {"x": {}}}', "another program made it"),
    ],
)
def test_metadata_that_is_none(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(ArchiveError, match=told):
        read_with(tmp_path, {**stub_files(), "metadata.json": content})


def test_missing_metadata(tmp_path: Path) -> None:
    files = stub_files()
    del files["metadata.json"]
    with pytest.raises(ArchiveError, match=r"has no metadata\.json"):
        read_with(tmp_path, files)


def test_another_version(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="has version 5") as caught:
        read_with(tmp_path, changed(lambda whole, _: whole.update(version=5)))
    assert (caught.value.expected, "compile the model again" in caught.value.hint) == ("7", True)


def test_another_schema(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="has schema 1"):
        read_with(tmp_path, changed(lambda _, own: own.update(schema=1)))


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", "x" * 65, "stub\n", "a-b", "$(rm)"])
def test_module_names_that_are_no_identifiers(tmp_path: Path, name: str) -> None:
    def rename(whole: Metadata, _: Metadata) -> None:
        whole["modules"] = {name: whole["modules"]["stub"]}

    with pytest.raises(ArchiveError, match="has a module named"):
        read_with(tmp_path, changed(rename))


@pytest.mark.parametrize("value", [-1, 1.5, "32", None, True, 2**64])
def test_pools_that_are_no_sizes(tmp_path: Path, value: object) -> None:
    with pytest.raises(ArchiveError, match="size_bytes"):
        read_with(
            tmp_path, changed(lambda _, own: own["memory"]["pools"][0].update(size_bytes=value))
        )


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "has no pools"),
        (["a-b"], "has a pool 'a-b'"),
        ([""], "has a pool ''"),
        (["1st"], "has a pool '1st'"),
        (["x" * 65], "has a pool 'xxx"),
        (["a\n"], "has a pool"),
        (["same", "same"], "has a pool 'same'"),
    ],
)
def test_pools_with_names_that_are_none(tmp_path: Path, names: list[str], told: str) -> None:
    pools = [{"name": name, "size_bytes": 1} for name in names]
    with pytest.raises(ArchiveError, match=told):
        read_with(tmp_path, changed(lambda _, own: own["memory"].update(pools=pools)))
    if names:
        with pytest.raises(ArchiveError, match=f"constant_pools {told}"):
            read_with(tmp_path, changed(lambda _, own: own["memory"].update(constant_pools=pools)))


def test_the_workspace_is_the_sum_of_its_pools(tmp_path: Path) -> None:
    pools = [{"name": name, "size_bytes": size} for name, size in (("dtcm", 40), ("main", 2))]
    path = tmp_path / "module.tar"
    path.write_bytes(pack(changed(lambda _, own: own["memory"].update(pools=pools))))
    (module,) = read_model_library(path).modules
    assert module.pools == (Pool("dtcm", 40), Pool("main", 2))
    assert module.workspace_bytes == 42


def test_changed_code(tmp_path: Path) -> None:
    files = stub_files()
    files["codegen/host/src/stub_lib1.c"] += b"\n"
    with pytest.raises(ArchiveError, match=r"stub_lib1\.c is not the file whose SHA-256"):
        read_with(tmp_path, files)


def test_missing_code(tmp_path: Path) -> None:
    files = stub_files()
    del files["codegen/host/src/stub_lib1.c"]
    with pytest.raises(ArchiveError, match="not in the archive"):
        read_with(tmp_path, files)


def test_code_that_no_module_lists(tmp_path: Path) -> None:
    files = {**stub_files(), "codegen/host/src/more.c": b""}
    with pytest.raises(ArchiveError, match=r"more\.c.* no module lists it"):
        read_with(tmp_path, files)
    read_with(tmp_path, with_sums(files))

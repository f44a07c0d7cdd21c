# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The Model Library Format: a module.tar as checked values. Nothing here trusts the archive."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microtvm_project.errors import ArchiveError
from microtvm_project.fields import Fields
from microtvm_project.tar_reader import read_tar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

METADATA_FILE = "metadata.json"
METADATA_VERSION = 7
MICROTVM_SCHEMA = 2

_POOL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MODULE_NAME = re.compile(r"[a-z0-9_]{1,64}")
_CODE_PREFIX = "codegen/"
_REMAKE = "compile the model again with this version of tvmc"


@dataclass(frozen=True)
class Pool:
    """A part of a model's workspace, which may lie in a memory region of its own."""

    name: str
    size_bytes: int


@dataclass(frozen=True)
class Module:
    """What a project must know of a model: its name, its core and its needs."""

    name: str
    target: str
    checksum: int
    pools: tuple[Pool, ...]
    constant_pools: tuple[Pool, ...]
    constant_bytes: int
    stack_bytes: int

    @property
    def workspace_bytes(self) -> int:
        return sum(pool.size_bytes for pool in self.pools)


@dataclass(frozen=True)
class ModelLibrary:
    """An archive that has been read and checked whole."""

    modules: tuple[Module, ...]
    files: Mapping[str, bytes]
    metadata: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The first module's name, which also names the archive's folder in a project."""
        return self.modules[0].name

    def unpack(self, directory: Path) -> None:
        """Writes the files below a folder that does not exist yet."""
        write_files(directory, self.files)


def read_model_library(path: Path) -> ModelLibrary:
    """Reads a module.tar.

    Raises:
        ArchiveError: it is damaged, hostile, of another version, or its files are not
            those that its metadata lists.
    """
    files = read_tar(path)
    if METADATA_FILE not in files:
        raise ArchiveError(
            f"{path} has no {METADATA_FILE}", expected="a module.tar of tvmc compile"
        )
    where = f"{METADATA_FILE} of {path}"
    metadata = _parse_json(files[METADATA_FILE], where)
    fields = Fields(metadata, where, ArchiveError)
    version = fields.integer("version")
    if version != METADATA_VERSION:
        found = f"{where} has version {version}"
        raise ArchiveError(found, expected=str(METADATA_VERSION), hint=_REMAKE)
    table = fields.table("modules")
    modules = tuple(_read_module(table, name, files) for name in table.names())
    if not modules:
        raise ArchiveError(f"{where} names no module", expected="at least one")
    _check_listed(table, files)
    return ModelLibrary(modules, files, metadata)


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """Writes files by relative names that have been checked."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _parse_json(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"{where} is not JSON: {error}", hint=_REMAKE) from error


def _read_module(table: Fields, name: str, files: Mapping[str, bytes]) -> Module:
    if not _MODULE_NAME.fullmatch(name):
        found = f"{table.where} has a module named {name[:80]!r}"
        raise ArchiveError(found, expected="1 to 64 of a-z, 0-9 and _")
    fields = table.table(name)
    if "microtvm" not in fields:
        found = f"{fields.where} has no 'microtvm': another program made it"
        raise ArchiveError(found, expected="a module.tar of tvmc compile", hint=_REMAKE)
    own = fields.table("microtvm")
    schema = own.integer("schema")
    if schema != MICROTVM_SCHEMA:
        found = f"{own.where} has schema {schema}"
        raise ArchiveError(found, expected=str(MICROTVM_SCHEMA), hint=_REMAKE)
    _check_sums(own, files)
    memory = own.table("memory")
    pools = _read_pools(memory, "pools")
    if not pools:
        raise ArchiveError(f"{memory.where} has no pools", expected="at least one", hint=_REMAKE)
    return Module(
        name=name,
        target=own.text("target"),
        checksum=own.integer("checksum"),
        pools=pools,
        constant_pools=_read_pools(memory, "constant_pools"),
        constant_bytes=memory.integer("constant_bytes"),
        stack_bytes=memory.integer("stack_bytes"),
    )


def _read_pools(memory: Fields, key: str) -> tuple[Pool, ...]:
    tables = memory.tables(key)
    pools = tuple(Pool(table.text("name"), table.integer("size_bytes")) for table in tables)
    names = [pool.name for pool in pools]
    for name in names:
        if not _POOL_NAME.fullmatch(name) or names.count(name) > 1:
            raise ArchiveError(
                f"{memory.where}: {key} has a pool {name[:80]!r}",
                expected="a C identifier of up to 64 characters, each once",
            )
    return pools


def _check_sums(own: Fields, files: Mapping[str, bytes]) -> None:
    """Each listed file is there, and is what it was."""
    sums = own.table("files")
    for name in sums.names():
        if name not in files:
            raise ArchiveError(f"{own.where} lists {name[:80]!r}, which is not in the archive")
        if hashlib.sha256(files[name]).hexdigest() != sums.text(name):
            found = f"{own.where}: {name} is not the file whose SHA-256 is listed"
            raise ArchiveError(found, hint="copy the archive again, or compile the model again")


def _check_listed(table: Fields, files: Mapping[str, bytes]) -> None:
    """No code is there that no module lists."""
    listed = {
        name
        for module in table.names()
        for name in table.table(module).table("microtvm").table("files").names()
    }
    for name in files:
        if name.startswith(_CODE_PREFIX) and name not in listed:
            raise ArchiveError(f"{table.where}: {name!r} is in the archive, and no module lists it")

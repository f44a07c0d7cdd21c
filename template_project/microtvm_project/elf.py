# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Reads ELF files for a 32-bit Arm core, little-endian: linked images, and objects before that."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from microtvm_project.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_Parsed = TypeVar("_Parsed")

_MAX_IMAGE_BYTES = 256 << 20
_MAGIC = b"\x7fELF\x01\x01\x01"
_MACHINE_ARM = 40
_SEGMENT_LOAD = 1
_SECTION_SYMBOLS = 2
_SECTION_NO_BITS = 8
_SECTION_RELOCATIONS = 9
_SECTION_ALLOCATED = 2
_SECTION_CODE = 4
_HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
_SEGMENT = struct.Struct("<IIIIIIII")
_SECTION = struct.Struct("<IIIIIIIIII")
_SYMBOL = struct.Struct("<IIIBBH")

_RELOCATION = struct.Struct("<II")

_LOCAL, _WEAK = 0, 2
_KINDS = {1: "object", 2: "function", 4: "file"}

# Relocations of calls and branches, of unwinding tables, and of nothing (ELF for the Arm
# Architecture, table of relocation codes).
_NO_ADDRESSES = frozenset({0, 10, 28, 29, 30, 40, 42, 51, 52, 102, 103})


@dataclass(frozen=True)
class Segment:
    """A part of the image: where it is when the program runs, and where it is stored."""

    run_address: int
    run_size: int
    load_address: int
    load_size: int


@dataclass(frozen=True)
class Section:
    """A section of the running program; `data` is empty where the file has no bytes of it."""

    address: int
    size: int
    data: bytes
    is_code: bool


@dataclass(frozen=True)
class Symbol:
    """A function, an object, or another name for an address.

    Attributes:
        kind: "function", "object" or "".
        file: the source file of a symbol that only this file sees; "" for the others.
    """

    name: str
    address: int
    size: int
    kind: str
    file: str


@dataclass(frozen=True)
class Image:
    """What a linked image holds. Functions' addresses are even: the Thumb bit is left out."""

    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]
    symbols: tuple[Symbol, ...]

    def functions(self) -> tuple[Symbol, ...]:
        """The symbols of functions."""
        return tuple(symbol for symbol in self.symbols if symbol.kind == "function")

    def bytes_at(self, address: int, size: int) -> bytes:
        """What lies at an address, b"" where the image has no bytes."""
        for section in self.sections:
            start = address - section.address
            if start >= 0 and start + size <= len(section.data):
                return section.data[start : start + size]
        return b""


@dataclass(frozen=True)
class ObjectFile:
    """What the linker was given for one source file.

    Attributes:
        file: the source file's name without folders.
        functions: those that it defines.
        weak: those of them that give way to another file's of the same name.
        taken: functions whose address it uses, other than to call them by name.
    """

    file: str
    functions: frozenset[str]
    weak: frozenset[str]
    taken: frozenset[str]


def read_image(path: Path) -> Image:
    """Reads an image.

    Raises:
        BuildError: there is no such file, or it is of another kind.
    """
    return _guarded(path, _parse)


def read_object(path: Path) -> ObjectFile:
    """Reads an object file, with the same errors."""
    return _guarded(path, _parse_object)


def _guarded(path: Path, parse: Callable[[bytes], _Parsed]) -> _Parsed:
    try:
        if path.stat().st_size > _MAX_IMAGE_BYTES:
            raise BuildError(f"{path} is too large", expected=f"at most {_MAX_IMAGE_BYTES} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise BuildError(
            f"Cannot read {path}: {error.strerror}", hint="build the project first"
        ) from error
    try:
        return parse(data)
    except (struct.error, ValueError, IndexError) as error:
        raise BuildError(
            f"{path} is not an image for a 32-bit Arm core",
            expected="an ELF file",
            hint="build the project again",
        ) from error


def _parse(data: bytes) -> Image:
    header, sections = _tables(data)
    return Image(
        segments=_segments(data, header[5], header[9], header[10]),
        sections=tuple(
            _section(data, row)
            for row in sections
            if row[2] & _SECTION_ALLOCATED and row[1] != _SECTION_SYMBOLS
        ),
        symbols=tuple(
            symbol
            for symbol, section, _ in _all_symbols(data, sections)
            if section and symbol.name and not symbol.name.startswith("$")
        ),
    )


def _parse_object(data: bytes) -> ObjectFile:
    _, sections = _tables(data)
    symbols = _all_symbols(data, sections)
    taken: set[str] = set()
    for row in sections:
        if row[1] == _SECTION_RELOCATIONS and sections[row[7]][2] & _SECTION_ALLOCATED:
            table = _part(data, row[4], row[5])
            for place in range(0, len(table) - _RELOCATION.size + 1, _RELOCATION.size):
                info = _RELOCATION.unpack_from(table, place)[1]
                if info & 255 not in _NO_ADDRESSES:
                    taken.add(symbols[info >> 8][0].name)
    defined = [row for row in symbols if row[0].kind == "function" and row[1]]
    return ObjectFile(
        file=next((symbol.name for symbol, _, _ in symbols if symbol.kind == "file"), ""),
        functions=frozenset(symbol.name for symbol, _, _ in defined),
        weak=frozenset(symbol.name for symbol, _, binding in defined if binding == _WEAK),
        taken=frozenset(taken) - {""},
    )


def _tables(data: bytes) -> tuple[tuple[Any, ...], list[tuple[int, ...]]]:
    """The header, and the rows of the section table."""
    header = _HEADER.unpack_from(data)
    if not header[0].startswith(_MAGIC) or header[2] != _MACHINE_ARM:
        raise ValueError("another kind of file")
    rows = [
        _SECTION.unpack_from(data, header[6] + number * header[11]) for number in range(header[12])
    ]
    return header, rows


def _segments(data: bytes, offset: int, size: int, count: int) -> tuple[Segment, ...]:
    segments = []
    for number in range(count):
        kind, start, run, load, stored, taken, _, _ = _SEGMENT.unpack_from(
            data, offset + number * size
        )
        _part(data, start, stored)
        if kind == _SEGMENT_LOAD and taken:
            segments.append(Segment(run, taken, load, stored))
    return tuple(segments)


def _section(data: bytes, row: tuple[int, ...]) -> Section:
    _, kind, flags, address, offset, size = row[:6]
    content = b"" if kind == _SECTION_NO_BITS else _part(data, offset, size)
    return Section(address, size, content, bool(flags & _SECTION_CODE))


def _strings(data: bytes, sections: list[tuple[int, ...]], number: int) -> bytes:
    if number >= len(sections):
        raise ValueError("a symbol table without names")
    return _part(data, sections[number][4], sections[number][5])


def _all_symbols(data: bytes, sections: list[tuple[int, ...]]) -> list[tuple[Symbol, int, int]]:
    """Each symbol with its section's number and its binding.

    A local symbol belongs to the file named last before it.
    """
    symbols = []
    for row in sections:
        if row[1] == _SECTION_SYMBOLS:
            names = _strings(data, sections, row[6])
            table = _part(data, row[4], row[5])
            file = ""
            for offset in range(0, len(table) - _SYMBOL.size + 1, _SYMBOL.size):
                place, value, size, info, _, section = _SYMBOL.unpack_from(table, offset)
                kind = _KINDS.get(info & 15, "")
                name = names[place : names.find(b"\0", place)].decode("utf-8", "replace")
                file = name if kind == "file" else file
                address = value & ~1 if kind == "function" else value
                owner = file if info >> 4 == _LOCAL else ""
                symbols.append((Symbol(name, address, size, kind, owner), section, info >> 4))
    return symbols


def _part(data: bytes, start: int, size: int) -> bytes:
    if start + size > len(data):
        raise ValueError("a part goes beyond the end of the file")
    return data[start : start + size]

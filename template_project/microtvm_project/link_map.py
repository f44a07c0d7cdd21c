# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the map that GNU ld writes even of a link that failed: what went where, before it was full.

It is text for people, with paths in it that anybody may have named: lines that are not understood
are passed over, and nothing in it is trusted to be complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.elf import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_MAP_BYTES = 64 << 20
_MEMORY_TITLE = "Memory Configuration"
_SECTIONS_TITLE = "Linker script and memory map"
# Output sections that are in the file, not in any memory.
_NOT_LOADED = (".debug", ".comment", ".ARM.attributes", ".stab", ".note", ".symtab", ".strtab")
# How sections of object files begin, other than padding and patterns of the linker script.
_INPUTS = (".", "COMMON")
# What -fdata-sections and -ffunction-sections put before the name of a symbol.
_PREFIXES = (".text.", ".rodata.", ".data.", ".bss.", ".noinit.", ".microtvm.")
# microtvm/placement.h has a section for the arrays of a pool, which models.c calls pool_NAME.
_POOLS, _POOL = "pools.", "pool_"
_OBJECT_ENDINGS = (".obj", ".o")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class LinkerRegion:
    """A memory as the linker script has it."""

    name: str
    address: int
    size: int


@dataclass(frozen=True)
class LinkMap:
    """What a map tells.

    Attributes:
        symbols: what was placed, one for each section of an object file; for a section that the
            linker script fills itself, the section.
        loads: of the output sections stored at another address than they run at, that address and
            the size.
    """

    regions: tuple[LinkerRegion, ...]
    symbols: tuple[Symbol, ...]
    loads: tuple[tuple[int, int], ...]


def read_link_map(path: Path) -> LinkMap:
    """Reads a map; an empty one where there is none, or one that is too large."""
    try:
        if path.stat().st_size > _MAX_MAP_BYTES:
            return LinkMap((), (), ())
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return LinkMap((), (), ())
    return parse_link_map(text)


def parse_link_map(text: str) -> LinkMap:
    """The same from its text."""
    head, _, sections = text.partition(f"\n{_SECTIONS_TITLE}\n")
    _, _, memories = head.partition(f"{_MEMORY_TITLE}\n")
    symbols: list[Symbol] = []
    loads: list[tuple[int, int]] = []
    output: Symbol | None = None
    filled = True
    for indent, words in _entries(sections):
        entry = _symbol(words)
        if indent == 0:
            if output is not None and not filled:
                symbols.append(output)
            loaded = entry is not None and not entry.name.startswith(_NOT_LOADED)
            output, filled = (entry if loaded else None), False
            loads += _load(words) if output is not None else []
        elif output and entry and entry.size and words[0].startswith(_INPUTS):
            symbols.append(entry)
            filled = True
    if output is not None and not filled:
        symbols.append(output)
    return LinkMap(tuple(_regions(memories)), tuple(symbols), tuple(loads))


def _regions(text: str) -> Iterator[LinkerRegion]:
    for line in text.splitlines():
        words = line.split(maxsplit=3)
        if len(words) < 3 or words[0].startswith("*"):
            continue
        address, size = _number(words[1]), _number(words[2])
        if address is not None and size is not None:
            yield LinkerRegion(words[0], address, size)


def _entries(text: str) -> Iterator[tuple[int, list[str]]]:
    """The indent and the words of each section: name, address, size and what else there is.

    A name of more than 15 letters has a line to itself.
    """
    name, indent = "", 0
    for line in text.splitlines():
        words = line.split(maxsplit=3)
        if len(words) == 1 and _indent(line) <= 1:
            name, indent = words[0], _indent(line)
            continue
        if name and len(words) >= 2 and words[0].startswith("0x"):
            yield indent, [name, *line.split(maxsplit=2)]
        elif len(words) >= 3 and _indent(line) <= 1:
            yield _indent(line), words
        name = ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _symbol(words: list[str]) -> Symbol | None:
    """A section as a symbol: named as the one symbol that it holds, if it says so."""
    address, size = _number(words[1]), _number(words[2])
    if address is None or size is None:
        return None
    section = words[0]
    name = next((section[len(head) :] for head in _PREFIXES if section.startswith(head)), section)
    if section.startswith(f".microtvm.{_POOLS}"):
        name = _POOL + name[len(_POOLS) :]
    if name.startswith('"'):
        # Zephyr names sections of stacks by their source file's path and a number.
        name = section.partition('."')[0]
    kind = "function" if section.startswith(".text") else "object"
    file = words[3].strip() if len(words) > 3 and not words[3].startswith("load address") else ""
    return Symbol(name[:_LONGEST_NAME], address, size, kind, _file_name(file))


def _file_name(path: str) -> str:
    """The source file of an object file, without folders."""
    name = path.replace("\\", "/").rpartition("/")[2].rstrip(")").rpartition("(")[2]
    for ending in _OBJECT_ENDINGS:
        if name.endswith(ending):
            name = name[: -len(ending)]
            break
    return name[:_LONGEST_NAME]


def _load(words: list[str]) -> list[tuple[int, int]]:
    if len(words) < 4 or not words[3].startswith("load address "):
        return []
    address, size = _number(words[3].split()[-1]), _number(words[2])
    return [] if address is None or size is None else [(address, size)]


def _number(word: str) -> int | None:
    if not word.startswith("0x") or len(word) > 18:
        return None
    try:
        return int(word, 16)
    except ValueError:
        return None

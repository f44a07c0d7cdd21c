# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A linked firmware (ELF): its symbols, its code as instructions, and the size of a model in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from bench_model.counts import BlockKey
from bench_model.decode import decode
from bench_model.errors import BenchError
from bench_model.timing import Block

_LONGEST_INSTRUCTION = 4
_THUMB_BIT = 1


@dataclass(frozen=True)
class Symbol:
    """A name in the image.

    Attributes:
        file: the source file, known for names that no other file sees; otherwise empty.
    """

    name: str
    address: int
    size: int
    is_function: bool
    file: str


@dataclass(frozen=True)
class Image:
    """What a firmware consists of."""

    symbols: tuple[Symbol, ...]
    segments: tuple[tuple[int, bytes], ...]

    def address(self, name: str) -> int:
        """Where a symbol is."""
        for symbol in self.symbols:
            if symbol.name == name:
                return symbol.address
        raise BenchError(
            f"The firmware has no symbol {name!r}", hint="the firmware of this checkout has it"
        )

    def block(self, key: BlockKey) -> Block:
        """The instructions of a block."""
        for start, data in self.segments:
            offset = key.address - start
            if 0 <= offset < len(data):
                code = data[offset : offset + key.instructions * _LONGEST_INSTRUCTION]
                return decode(code, key.address, key.instructions)
        raise BenchError(f"There is no code at {key.address:#010x} in the firmware")

    def code_bytes(self, module: str) -> int:
        """The code of a model: what its C files define, with the kernels that they include.

        Without constants, and without what the C library does for it.
        """
        files = (f"{module}_lib0.c", f"{module}_lib1.c")
        found = {
            symbol.address: symbol.size
            for symbol in self.symbols
            if symbol.is_function
            and (symbol.name.startswith(f"tvmgen_{module}_") or symbol.file in files)
        }
        return sum(found.values())


def read_image(path: Path) -> Image:
    """Reads an ELF file that our own build made."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        segments = tuple(
            (int(segment["p_paddr"]), bytes(segment.data()))
            for segment in elf.iter_segments()
            if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]
        )
        return Image(tuple(_symbols(elf)), segments)


def _symbols(elf: Any) -> Iterator[Symbol]:
    file = ""
    for symbol in elf.get_section_by_name(".symtab").iter_symbols():
        info = symbol["st_info"]
        if info["type"] == "STT_FILE":
            file = symbol.name
            continue
        is_function = info["type"] == "STT_FUNC"
        address = int(symbol["st_value"])
        yield Symbol(
            name=symbol.name,
            address=address & ~_THUMB_BIT if is_function else address,
            size=int(symbol["st_size"]),
            is_function=is_function,
            file=file if info["bind"] == "STB_LOCAL" else "",
        )

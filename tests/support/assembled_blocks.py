# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Assembly as blocks for the timing rules; semicolons separate the statements of a block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bench_model.decode import decode
from bench_model.timing import Block

from support.assembler import assemble

_ADDRESS = 0x1000


def assembled_block(text: str, folder: Path, address: int = _ADDRESS) -> Block:
    """One block at an address."""
    return decode(assemble(text, folder), address, _statements(text))


def assembled_blocks(texts: Iterable[str], folder: Path) -> Mapping[str, Block]:
    """Blocks by their text, one after the other in memory, with one run of the assembler."""
    listed = list(texts)
    whole = assembled_block("; ".join(listed), folder)
    blocks, start = {}, 0
    for text in listed:
        blocks[text] = whole[start : start + _statements(text)]
        start += _statements(text)
    return blocks


def _statements(text: str) -> int:
    return text.count(";") + 1

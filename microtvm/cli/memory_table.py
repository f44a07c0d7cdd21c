# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The table of memories that `tvmc compile` and `tvmc micro build` end with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from microtvm.cli.console import format_table

if TYPE_CHECKING:
    from microtvm_project.memory_use import MemoryUse, Part


def memory_table(uses: Sequence[MemoryUse]) -> str:
    """A row a memory, and below it one a part; what the board has where it is known."""
    header = ["memory", "used", "size", "free"]
    rows = [row for use in uses for row in _rows(use)]
    if all(use.size is None for use in uses):
        header, rows = header[:2], [row[:2] for row in rows]
    return format_table(header, rows)


def _rows(use: MemoryUse) -> Iterator[list[str]]:
    yield [use.name, f"{use.used:,}", _number(use.size), _number(use.free)]
    for part in use.parts:
        yield from _part_rows(part, 1)


def _part_rows(part: Part, depth: int) -> Iterator[list[str]]:
    yield ["  " * depth + part.name, "-" if part.size is None else f"{part.size:,}", "", ""]
    for detail in part.details:
        yield from _part_rows(detail, depth + 1)


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"

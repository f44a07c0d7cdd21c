# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a build takes of the board's memories, stored with the build as memory.json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from microtvm_project.fields import Fields
from microtvm_project.memory_use import MemoryUse, Part
from microtvm_project.report_file import load_report, save_report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA = 1
REPORT_FILE = "memory.json"


def save_memory_report(build: Path, board: str, uses: Iterable[MemoryUse]) -> None:
    """Writes memory.json into the build folder."""
    values = {"board": board, "memories": [_to_json(use) for use in uses]}
    save_report(build / REPORT_FILE, SCHEMA, values)


def load_memory_report(build: Path) -> tuple[MemoryUse, ...]:
    """Reads memory.json from a build folder.

    Raises:
        BuildError: there is none, or it is not as `save_memory_report` writes it.
    """
    fields = load_report(build / REPORT_FILE, SCHEMA)
    return tuple(_from_json(table) for table in fields.tables("memories"))


def _to_json(use: MemoryUse) -> dict[str, Any]:
    return {
        "name": use.name,
        "kind": use.kind,
        "size_bytes": use.size,
        "used_bytes": use.used,
        "free_bytes": use.free,
        "parts": [_part_to_json(part) for part in use.parts],
        "largest_symbols": [_part_to_json(part) for part in use.symbols],
    }


def _part_to_json(part: Part) -> dict[str, Any]:
    values: dict[str, Any] = {"name": part.name, "size_bytes": part.size}
    if part.details:
        values["details"] = [_part_to_json(detail) for detail in part.details]
    return values


def _from_json(fields: Fields) -> MemoryUse:
    return MemoryUse(
        fields.text("name"),
        fields.text("kind"),
        fields.integer("size_bytes"),
        _parts(fields, "parts"),
        _parts(fields, "largest_symbols"),
    )


def _parts(fields: Fields, key: str) -> tuple[Part, ...]:
    """At most two deep, as they are written: deeper ones are no parts."""
    return tuple(
        Part(
            table.text("name"),
            table.integer("size_bytes"),
            tuple(
                Part(detail.text("name"), detail.integer("size_bytes"))
                for detail in table.tables("details")
            ),
        )
        for table in fields.tables(key)
    )

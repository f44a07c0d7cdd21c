# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""TOML text to a dictionary, also on Python before 3.11, which has no TOML reader.

There, only what board.toml uses is known: tables, arrays of tables, strings
without escapes, whole numbers, booleans, and arrays of those on one line.
"""

from __future__ import annotations

import re
from typing import Any

_HEADER = re.compile(r"\[(\[)?\s*([A-Za-z0-9_-]+)\s*\](?(1)\])\s*(?:#.*)?")
_PAIR = re.compile(r"([A-Za-z0-9_-]+)\s*=\s*(.+)")
_VALUE = re.compile(
    r"""(?P<text>"[^"\\]*") | (?P<flag>true|false)
      | (?P<number>0x[0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*|[0-9]+(?:_[0-9]+)*)""",
    re.VERBOSE,
)


def parse_toml(text: str) -> dict[str, Any]:
    """The document's table; ValueError where it is not TOML."""
    try:
        import tomllib
    except ModuleNotFoundError:
        return parse_simple_toml(text)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("arrays are nested too deeply") from error


def parse_simple_toml(text: str) -> dict[str, Any]:
    """The part of TOML named above; ValueError where the text goes beyond it."""
    document: dict[str, Any] = {}
    table = document
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        header = _HEADER.fullmatch(line)
        if header:
            table = _open_table(document, header.group(2), array=bool(header.group(1)))
            continue
        pair = _PAIR.fullmatch(line)
        if not pair or pair.group(1) in table:
            raise ValueError(f"line {number} cannot be read")
        table[pair.group(1)] = _parse_value(pair.group(2), number)
    return document


def _open_table(document: dict[str, Any], name: str, *, array: bool) -> dict[str, Any]:
    table: dict[str, Any] = {}
    if not array:
        if name in document:
            raise ValueError(f"table {name} is there twice")
        document[name] = table
        return table
    tables = document.setdefault(name, [])
    if not isinstance(tables, list):
        raise ValueError(f"{name} is both a table and an array of tables")
    tables.append(table)
    return table


def _parse_value(text: str, number: int) -> Any:
    if not text.startswith("["):
        value, rest = _take_scalar(text, number)
    else:
        value, rest = _take_array(text[1:].lstrip(), number)
    if rest and not rest.startswith("#"):
        raise ValueError(f"line {number} cannot be read after its value")
    return value


def _take_array(text: str, number: int) -> tuple[list[Any], str]:
    items: list[Any] = []
    while not text.startswith("]"):
        item, text = _take_scalar(text, number)
        items.append(item)
        if text.startswith(","):
            text = text[1:].lstrip()
        elif not text.startswith("]"):
            raise ValueError(f"the array in line {number} has no end")
    return items, text[1:].lstrip()


def _take_scalar(text: str, number: int) -> tuple[Any, str]:
    """The value at the start of the text, and what follows it."""
    match = _VALUE.match(text)
    if not match:
        raise ValueError(f"line {number} has no value that can be read")
    rest = text[match.end() :].lstrip()
    if match.lastgroup == "text":
        return match.group()[1:-1], rest
    if match.lastgroup == "flag":
        return match.group() == "true", rest
    return int(match.group().replace("_", ""), 0), rest

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Names from a model, which may hold anything, as C identifiers and C strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KEYWORDS = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double"),
        *("else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long"),
        *("register", "restrict", "return", "short", "signed", "sizeof", "static", "struct"),
        *("switch", "typedef", "union", "unsigned", "void", "volatile", "while"),
    )
)


def c_identifier(name: str) -> str:
    """The name with every other character as '_'; a leading digit or a C keyword gets a '_'."""
    identifier = re.sub(r"[^A-Za-z0-9_]", "_", name)[:96] or "_"
    if identifier[0].isdigit() or identifier in _KEYWORDS:
        identifier = f"_{identifier}"
    return identifier


def member_names(names: Sequence[str]) -> tuple[str, ...]:
    """One C identifier a name; those that differ in case alone, or not at all, get a number."""
    taken: set[str] = set()
    result: list[str] = []
    for name in names:
        base = candidate = c_identifier(name)
        count = 1
        while candidate.upper() in taken:
            candidate, count = f"{base}_{count}", count + 1
        taken.add(candidate.upper())
        result.append(candidate)
    return tuple(result)


def c_string(text: str) -> str:
    """A C string literal; what is not printable ASCII becomes '_'."""
    safe = "".join(char if " " <= char <= "~" and char not in '"\\?' else "_" for char in text)
    return f'"{safe[:96]}"'

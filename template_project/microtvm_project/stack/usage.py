# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The compiler's own figures: the .su files that -fstack-usage leaves beside the objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LINE = re.compile(r"(.*?):\d+:\d+:(\S+)\t(\d+)\t([a-z,]+)")
# What GCC adds to the names of copies that it makes of a function.
_COPY = re.compile(r"\.(constprop|isra|part|cold|lto_priv)(\.\d+)?")


@dataclass(frozen=True)
class Usage:
    """One function as compiled.

    Attributes:
        file: its source file's name without folders.
        size: bytes of stack, as far as they are known when compiling.
        is_bounded: whether it never takes more.
    """

    file: str
    name: str
    size: int
    is_bounded: bool


def read_usage(build: Path) -> tuple[Usage, ...]:
    """The figures of all objects below a build folder."""
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in build.rglob("*.su"))
    return tuple(usage for text in texts for usage in parse_usage(text))


def parse_usage(text: str) -> tuple[Usage, ...]:
    """The figures of one .su file."""
    matches = (_LINE.fullmatch(line) for line in text.splitlines())
    return tuple(
        Usage(
            match[1].rpartition("/")[2], plain_name(match[2]), int(match[3]), match[4] != "dynamic"
        )
        for match in matches
        if match
    )


def plain_name(name: str) -> str:
    """A function's name in its source, without what GCC adds to copies."""
    return _COPY.sub("", name)

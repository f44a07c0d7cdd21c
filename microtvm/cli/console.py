# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What commands write: results to standard output, progress to standard error."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

_ERASE_LINE = "\r\x1b[K"


class Console:
    """Writes to the two streams given; on a terminal a running step is shown as it begins."""

    def __init__(self, output: TextIO, errors: TextIO) -> None:
        self._output = output
        self._errors = errors
        self._terminal = errors.isatty()

    def print(self, text: str = "") -> None:
        """A line, or several, of the command's result."""
        self._output.write(f"{text}\n")

    def note(self, text: str) -> None:
        """A line for the person watching, which is no part of the result."""
        self._errors.write(f"{text}\n")
        self._errors.flush()

    def labelled(self, label: str, output: TextIO | None = None) -> Console:
        """For one of several works at once: notes carry the label, results may go elsewhere."""
        return Console(self._output if output is None else output, _Labelled(label, self._errors))

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Times what is done within, and says so in one line when it has ended."""
        if self._terminal:
            self._errors.write(f"{title} ...")
            self._errors.flush()
        start = time.monotonic()
        outcome = "failed after "
        try:
            yield
            outcome = ""
        finally:
            seconds = time.monotonic() - start
            self.note(f"{_ERASE_LINE if self._terminal else ''}{title}: {outcome}{seconds:.1f} s")


class _Labelled(io.StringIO):
    """Passes lines on, each whole and with a label before it."""

    def __init__(self, label: str, stream: TextIO) -> None:
        super().__init__()
        self._label = label
        self._stream = stream

    def write(self, text: str) -> int:
        lines = (f"{self._label}: {line}" for line in text.splitlines(keepends=True))
        self._stream.write("".join(lines))
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns two blanks apart; a column of nothing but numbers is set to the right."""
    rows = [[_printable(cell) for cell in row] for row in rows]
    columns = list(zip(header, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _printable(cell: str) -> str:
    """Names come from models: no cell may move the cursor or break its line."""
    return "".join(letter if letter.isprintable() else "?" for letter in cell)


def _is_number(cell: str) -> bool:
    return cell in {"", "-"} or cell.replace(",", "").replace(".", "").strip("-+%").isdigit()

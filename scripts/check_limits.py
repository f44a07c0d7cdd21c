#!/usr/bin/env python3
# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Refuses functions of more than 60 lines and files of more than 400, in Python, C and shell."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FUNCTION_LINES = 60
FILE_LINES = 400

_ROOT = Path(__file__).resolve().parent.parent
_FOLDERS = ("microtvm", "template_project", "zephyr_app", "boards", "scripts", "tests", ".ci")
_SKIPPED = frozenset({"build", "__pycache__"})
_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    faults = [fault for path in _sources() for fault in check(path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


def check(path: Path) -> list[str]:
    """What is too long in this file, one sentence each."""
    text = path.read_text(encoding="utf-8")
    count = len(text.splitlines())
    faults = [f"{path}: {count} lines; at most {FILE_LINES}"] if count > FILE_LINES else []
    for name, line, length in _functions(path, text):
        if length > FUNCTION_LINES:
            faults.append(f"{path}:{line}: {name} has {length} lines; at most {FUNCTION_LINES}")
    return faults


def python_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """The name, first line and length of each function, decorators not counted."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, _FunctionNode):
            end = node.end_lineno or node.lineno
            yield node.name, node.lineno, end - node.lineno + 1


def c_functions(text: str) -> Iterator[tuple[str, int, int]]:
    """The same for C, where clang-format puts a function's braces, and no others, in column 0."""
    start = 0
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield lines[start - 2].strip(), start, number - start + 1
            start = 0


def _functions(path: Path, text: str) -> Iterator[tuple[str, int, int]]:
    if path.suffix == ".py":
        yield from python_functions(text)
    elif path.suffix in {".c", ".h"}:
        yield from c_functions(text)


def _sources() -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((_ROOT / folder).rglob("*")):
            if _SKIPPED.isdisjoint(path.relative_to(_ROOT).parts) and _is_source(path):
                yield path


def _is_source(path: Path) -> bool:
    if not path.is_file():
        return False
    if path.suffix:
        return path.suffix in {".py", ".c", ".h", ".sh", ".cmake"}
    with path.open("rb") as file:
        return file.read(2) == b"#!"


if __name__ == "__main__":
    main()

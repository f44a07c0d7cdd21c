# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The checker of lengths, at and just above its limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_limits import FILE_LINES, FUNCTION_LINES, check


def _python(lines: int) -> str:
    return "@decorator\ndef long():\n" + "    pass\n" * (lines - 1)


def _c(lines: int) -> str:
    return "static int table[] = {\n\t1,\n};\n\nint f(void)\n{\n" + "\ta();\n" * (lines - 2) + "}\n"


@pytest.mark.parametrize(("name", "text"), [("a.py", _python), ("a.c", _c), ("a.h", _c)])
def test_function_length(tmp_path: Path, name: str, text: object) -> None:
    path = tmp_path / name
    assert callable(text)
    path.write_text(text(FUNCTION_LINES))
    assert check(path) == []
    path.write_text(text(FUNCTION_LINES + 1))
    assert [fault for fault in check(path) if "has 61 lines; at most 60" in fault]


def test_nested_functions_and_methods_count(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    inner = "".join(f"        {line}\n" for line in _python(FUNCTION_LINES + 1).splitlines())
    path.write_text("class A:\n    def outer(self):\n" + inner)
    assert len(check(path)) == 2


@pytest.mark.parametrize("name", ["a.py", "a.c", "script"])
def test_file_length(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("\n" * FILE_LINES)
    assert check(path) == []
    path.write_text("\n" * (FILE_LINES + 1))
    assert check(path) == [f"{path}: 401 lines; at most 400"]

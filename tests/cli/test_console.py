# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Tables, and the lines that a step leaves."""

from __future__ import annotations

import io
import re

import pytest

from microtvm.cli.console import Console, format_table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_numbers_stand_to_the_right() -> None:
    table = format_table(["layer", "cycles", "share"], [["conv", "1,024", "9.5%"], ["a", "7", "-"]])
    assert table == (
        "layer  cycles  share\n-----  ------  -----\nconv    1,024   9.5%\na           7      -"
    )


def test_cells_stay_in_their_line() -> None:
    assert format_table(["a"], [["x\n\x1b[2J"]]).splitlines()[2] == "x??[2J"


def test_a_table_without_rows() -> None:
    assert format_table(["a", "bc"], []) == "a  bc\n-  --"


def test_results_and_progress_are_kept_apart() -> None:
    output, errors = io.StringIO(), io.StringIO()
    console = Console(output, errors)
    with console.step("build"):
        console.print("result")
    assert output.getvalue() == "result\n"
    assert re.fullmatch(r"build: \d+\.\d s\n", errors.getvalue())


def test_a_terminal_sees_the_step_begin() -> None:
    errors = Terminal()
    with Console(io.StringIO(), errors).step("build"):
        assert errors.getvalue() == "build ..."
    assert errors.getvalue().endswith(" s\n")


def test_a_step_that_fails_says_so() -> None:
    errors = io.StringIO()
    with pytest.raises(ValueError, match="no"), Console(io.StringIO(), errors).step("build"):
        raise ValueError("no")
    assert errors.getvalue().startswith("build: failed after ")

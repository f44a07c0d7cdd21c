# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""NAME=VALUE words, and how the table of options is shown."""

from __future__ import annotations

import pytest
from microtvm_project.project_option import ProjectOption

from microtvm.cli.command import UsageError
from microtvm.cli.project_arguments import check_method, describe_options, parse_project_options
from microtvm.errors import OptionError

ROWS = (
    ProjectOption("verbose", "bool", "Say more.", optional=("build",), default=False),
    ProjectOption("board", "str", "The board.", required=("build",), choices=("a", "b")),
    ProjectOption("size", "int", "Bytes.", optional=("flash",)),
)


def test_values_may_hold_equals_signs_and_blanks() -> None:
    words = ["a=1", "compile_definitions=-DX=1 -DY=2", "empty="]
    assert parse_project_options(words) == {
        "a": "1",
        "compile_definitions": "-DX=1 -DY=2",
        "empty": "",
    }


@pytest.mark.parametrize("word", ["project_dir", "=1", ""])
def test_words_that_are_no_options(word: str) -> None:
    with pytest.raises(UsageError, match="no project option"):
        parse_project_options([word])


def test_two_values_for_one_option() -> None:
    assert parse_project_options(["a=1", "a=1"]) == {"a": "1"}
    with pytest.raises(UsageError, match="twice"):
        parse_project_options(["a=1", "a=2"])


def test_options_of_another_method() -> None:
    check_method(ROWS, "build", ["board", "verbose"])
    with pytest.raises(OptionError, match="'size' is invalid") as caught:
        check_method(ROWS, "build", ["size"])
    assert caught.value.exit_code == 4


def test_description() -> None:
    assert describe_options(ROWS, "build") == (
        "board={a,b}\n    The board.\n    (required)\n"
        "verbose={true,false}\n    Say more.\n    Defaults to false."
    )
    assert describe_options(ROWS, "flash") == "size=INT\n    Bytes."

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The table of options: what clients are told, and what becomes of what they send."""

from __future__ import annotations

from typing import Any

import pytest
from microtvm_project.errors import OptionError
from microtvm_project.options import (
    BUILD,
    FLASH,
    GENERATE,
    METHODS,
    OPEN,
    OPTIONS,
    OptionValues,
    convert_options,
    option_rows,
    options_of,
)
from microtvm_project.project_option import row_from_json

ROWS = option_rows(["mps2_an386", "mps2_an500"])


def convert(method: str, **given: Any) -> dict[str, Any]:
    return convert_options(ROWS, method, given).as_dict()


def test_every_row_is_well_formed() -> None:
    assert len({row.name for row in OPTIONS}) == len(OPTIONS)
    for row in OPTIONS:
        assert row.type in {"str", "int", "bool"}
        assert set(row.required + row.optional) <= set(METHODS)
        assert row.required or row.optional
        assert row.help.endswith(".")
        if row.default is not None:
            assert row.convert(row.default) == row.default


def test_names_that_older_projects_used() -> None:
    names = {row.name: (row.type, row.required, row.optional) for row in OPTIONS}
    everywhere = (GENERATE, BUILD, FLASH, OPEN)
    assert names["board"] == ("str", (GENERATE,), ())
    assert names["project_type"] == ("str", (), (GENERATE,))
    assert names["verbose"] == ("bool", (), everywhere)
    assert names["warning_as_error"] == ("bool", (), (GENERATE,))
    assert names["compile_definitions"] == ("str", (), (GENERATE,))
    assert names["extra_files_tar"] == ("str", (), (GENERATE,))
    assert names["west_cmd"] == ("str", (), everywhere)
    assert names["zephyr_base"] == ("str", (), everywhere)
    assert names["serial_number"] == ("str", (), (FLASH, OPEN))
    assert names["gdbserver_port"] == ("int", (), (OPEN,))
    assert names["workspace_size_bytes"] == ("int", (), (GENERATE,))
    assert names["config_main_stack_size"] == ("int", (), (GENERATE,))


def test_a_row_as_clients_see_it() -> None:
    row = next(row for row in ROWS if row.name == "board")
    assert row.to_json() == {
        "name": "board",
        "choices": None,
        "default": None,
        "type": "str",
        "required": ["generate_project"],
        "optional": None,
        "help": "Board to build for: mps2_an386, mps2_an500, or any Cortex-M by the name that"
        " Zephyr has.",
    }


def test_descriptions_are_read_back() -> None:
    assert tuple(row_from_json(row.to_json()) for row in ROWS) == ROWS


@pytest.mark.parametrize(
    "described",
    [
        None,
        [],
        {},
        {"name": 1, "type": "str"},
        {"name": "x", "type": "list"},
        {"name": "x", "type": "str", "choices": "ab"},
        {"name": "x", "type": "str", "required": [1]},
    ],
)
def test_descriptions_that_are_none(described: Any) -> None:
    with pytest.raises(OptionError, match="description"):
        row_from_json(described)


def test_defaults_are_filled_in() -> None:
    assert convert(GENERATE, board="mps2_an386") == {
        "board": "mps2_an386",
        "project_type": "host_driven",
        "verbose": False,
        "warning_as_error": False,
    }
    assert convert(OPEN) == {"qemu_icount": True, "reset": "auto", "verbose": False}


def test_text_from_older_clients_is_converted() -> None:
    sent = {"board": "mps2_an500", "verbose": "true", "main_stack_size": "0x2000"}
    assert convert(GENERATE, **sent, workspace_size_bytes="123") == {
        "board": "mps2_an500",
        "main_stack_size": 8192,
        "project_type": "host_driven",
        "verbose": True,
        "warning_as_error": False,
        "workspace_size_bytes": 123,
    }
    assert convert(OPEN, qemu_icount="False", gdbserver_port=1234) == {
        "gdbserver_port": 1234,
        "qemu_icount": False,
        "reset": "auto",
        "verbose": False,
    }


def test_a_list_of_definitions_is_joined() -> None:
    sent = {"board": "mps2_an500", "compile_definitions": ["-DA=1", "-DB"]}
    assert convert(GENERATE, **sent)["compile_definitions"] == "-DA=1 -DB"


def test_options_of_other_methods_and_empty_ones_are_passed_over() -> None:
    sent: dict[str, Any] = {row.name: None for row in ROWS}
    assert convert(BUILD, **{**sent, "board": "elsewhere", "port": 7, "west_cmd": ""}) == {
        "verbose": False
    }


@pytest.mark.parametrize(
    ("given", "found", "expected"),
    [
        ({}, "Option 'board' is required but was not given", "Board to build for"),
        ({"board": 1}, "Option 'board' is 1", "text"),
        ({"bord": "x"}, "Option 'bord' is not known", "additional_models"),
        ({"verbose": "maybe"}, "Option 'verbose' is 'maybe'", "true or false"),
        ({"verbose": 1.0}, "Option 'verbose' is 1.0", "true or false"),
        ({"main_stack_size": "-4"}, "is '-4'", "a whole number from 1 to"),
        ({"main_stack_size": "4k"}, "is '4k'", "a whole number from 1 to"),
        ({"main_stack_size": "9" * 5000}, "Option 'main_stack_size' is", "a whole number"),
        ({"main_stack_size": 2**32}, "is 4294967296", "a whole number from 1 to 4294967295"),
        ({"main_stack_size": True}, "is True", "a whole number"),
        ({"main_stack_size": 4.5}, "is 4.5", "a whole number"),
        ({"project_type": "demo"}, "is 'demo'", "one of host_driven, standalone"),
        ({"compile_definitions": [1]}, "is [1]", "text"),
    ],
)
def test_what_is_wrong_is_said(given: dict[str, Any], found: str, expected: str) -> None:
    complete = {"board": "mps2_an386", **given} if given else {}
    with pytest.raises(OptionError) as caught:
        convert_options(ROWS, GENERATE, complete)
    assert found in caught.value.found
    assert expected in caught.value.expected
    assert len(caught.value.found) < 200


def test_required_rows_come_first() -> None:
    names = [row.name for row in options_of(ROWS, GENERATE)]
    assert names[:3] == ["board", "project_type", "platform"]
    assert "port" not in names


def test_values_have_types() -> None:
    values = OptionValues({"t": "x", "n": 3, "f": True})
    assert (values.text("t"), values.integer("n"), values.flag("f")) == ("x", 3, True)
    assert (values.text("n"), values.integer("f"), values.flag("n")) == (None, None, False)

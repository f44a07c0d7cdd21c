# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Options of a compilation that cannot be wrong once they exist."""

from __future__ import annotations

import pytest

from microtvm.compiler import CompileOptions
from microtvm.compiler.options import OPTIMIZE, WEIGHTS
from microtvm.errors import OptionError
from microtvm.target import Target


def test_defaults() -> None:
    options = CompileOptions()
    assert (options.target, options.module_name) == (Target("cortex-m4"), "default")
    assert options.simplify


@pytest.mark.parametrize("name", ["a", "default", "net_1", "a" * 48, "z9_"])
def test_names_that_are_part_of_a_c_name(name: str) -> None:
    assert CompileOptions(module_name=name).module_name == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "1a", "_a", "a-b", "a b", "a.b", "a/b", "../a", "a\n", "a\0", "\u00e4", "a" * 49],
)
def test_names_that_are_not(name: str) -> None:
    with pytest.raises(OptionError, match="cannot be part of a C name") as caught:
        CompileOptions(module_name=name)
    assert "lower-case letter" in caught.value.expected
    assert caught.value.hint


@pytest.mark.parametrize("weights", WEIGHTS)
def test_widths_of_weights(weights: str) -> None:
    assert CompileOptions(weights=weights).weights == weights


@pytest.mark.parametrize("weights", ["", "int4", "INT8", "int8 "])
def test_widths_that_do_not_exist(weights: str) -> None:
    with pytest.raises(OptionError, match="no weights of") as caught:
        CompileOptions(weights=weights)
    assert "int8" in caught.value.expected


@pytest.mark.parametrize("optimize", OPTIMIZE)
def test_what_to_optimize_for(optimize: str) -> None:
    assert CompileOptions(optimize=optimize).optimize == optimize


@pytest.mark.parametrize("optimize", ["", "size", "RAM", "ram "])
def test_what_cannot_be_optimized_for(optimize: str) -> None:
    with pytest.raises(OptionError, match="cannot optimize for") as caught:
        CompileOptions(optimize=optimize)
    assert "speed, ram" in caught.value.expected

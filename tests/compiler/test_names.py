# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Names that hold anything, as C identifiers and strings."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtvm.compiler.names import c_identifier, c_string, member_names

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("image", "image"),
        ("input_1", "input_1"),
        ("serving_default_x:0", "serving_default_x_0"),
        ("model/conv/BiasAdd;model/relu", "model_conv_BiasAdd_model_relu"),
        ("", "tensor_"),
        ("0", "tensor_0"),
        ("_x", "tensor__x"),
        ("__FILE__", "tensor___FILE__"),
        ("int", "tensor_int"),
        ("class", "tensor_class"),
        ("bool", "tensor_bool"),
        ("INT8_MAX", "tensor_INT8_MAX"),
        ("NAN", "tensor_NAN"),
        ("X", "X"),
        ("Int", "Int"),
        ("\u00e9t\u00e9", "tensor__t_"),
        ("a\0b", "a_b"),
    ],
)
def test_identifiers(name: str, identifier: str) -> None:
    assert c_identifier(name) == identifier


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_identifier_is_plain_and_short(name: str) -> None:
    identifier = c_identifier(name)
    assert _PLAIN.fullmatch(identifier)
    assert len(identifier) <= 96 + len("tensor_")


@given(st.lists(st.text(alphabet="aAbB_1/: ", max_size=3), max_size=12))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_members_differ_even_in_capitals(names: list[str]) -> None:
    members = member_names(names)
    assert len({member.upper() for member in members}) == len(names)


def test_members_keep_their_names_where_they_can() -> None:
    assert member_names(["a", "A", "a", "a_1", "b"]) == ("a", "A_1", "a_2", "a_1_1", "b")


def test_the_size_of_the_workspace_has_its_name_for_itself() -> None:
    assert member_names(["workspace", "Workspace"]) == ("workspace_1", "Workspace_2")


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_every_string_is_one_short_literal(text: str) -> None:
    literal = c_string(text)
    value = ast.literal_eval(literal)
    assert value == literal[1:-1]
    assert value.isprintable()
    assert value.isascii()
    assert len(value) <= 96
    # A trigraph or an escape would be another string to a C compiler.
    assert not set('"\\?') & set(value)

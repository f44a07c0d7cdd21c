# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The ways of naming a core, and those that name none."""

from __future__ import annotations

import dataclasses

import pytest

from microtvm.cli.command import UsageError
from microtvm.cli.target_arguments import named_board, parse_target
from microtvm.errors import BoardError, TargetError


@pytest.mark.parametrize(
    ("text", "mcpu", "core"),
    [
        ("c", "cortex-m4", "cortex-m4"),
        ("c", "cortex-m7+nodsp", "cortex-m7+nodsp"),
        ("c -mcpu=cortex-m7", None, "cortex-m7"),
        ("c --mcpu=cortex-m7", None, "cortex-m7"),
        ("c -mcpu=cortex-m7", "cortex-m7", "cortex-m7"),
        (
            "c -keys=arm_cpu,cpu -mcpu=cortex-m7 -march=armv7e-m -model=stm32f746xx",
            None,
            "cortex-m7",
        ),
        ("cortex-m4", None, "cortex-m4"),
        ("cortex-m4+nodsp", None, "cortex-m4+nodsp"),
    ],
)
def test_cores(text: str, mcpu: str | None, core: str) -> None:
    assert parse_target(text, mcpu).mcpu == core


@pytest.mark.parametrize(
    ("text", "mcpu"),
    [
        ("c", None),
        ("", None),
        ("c -mcpu=", None),
        ("c -mcpu=cortex-m7", "cortex-m4"),
        ("llvm", "cortex-m4"),
        ("cmsis-nn,c", "cortex-m4"),
        ("c -march=armv8-m", "cortex-m4"),
        ("c 'open", "cortex-m4"),
        ("cortex-m4 -x", None),
    ],
)
def test_what_cannot_be_honoured(text: str, mcpu: str | None) -> None:
    with pytest.raises(UsageError):
        parse_target(text, mcpu)


def test_unknown_core() -> None:
    with pytest.raises(TargetError, match="cortex-m99"):
        parse_target("c", "cortex-m99")


@pytest.mark.parametrize(
    ("board", "text", "mcpu", "core"),
    [
        ("nucleo_l4r5zi", "c", None, "cortex-m4"),
        ("nucleo_f746zg", "c", None, "cortex-m7"),
        ("nucleo_f746zg", "cortex-m7", "cortex-m7", "cortex-m7"),
        ("nucleo_f746zg", "c", "cortex-m7+nodsp", "cortex-m7+nodsp"),
    ],
)
def test_a_board_names_the_core(board: str, text: str, mcpu: str | None, core: str) -> None:
    assert parse_target(text, mcpu, named_board(board)).mcpu == core


@pytest.mark.parametrize(("text", "mcpu"), [("c", "cortex-m4"), ("cortex-m4", None)])
def test_another_core_than_the_boards(text: str, mcpu: str | None) -> None:
    with pytest.raises(UsageError, match="board nucleo_f746zg has a cortex-m7"):
        parse_target(text, mcpu, named_board("nucleo_f746zg"))


def test_more_instructions_than_the_board_has() -> None:
    board = named_board("nucleo_l4r5zi")
    assert board is not None
    without = dataclasses.replace(board, cpu="cortex-m4+nodsp")
    assert parse_target("c", None, without).mcpu == "cortex-m4+nodsp"
    with pytest.raises(UsageError, match=r"has a cortex-m4\+nodsp"):
        parse_target("c", "cortex-m4", without)


def test_a_board_that_is_not_known() -> None:
    with pytest.raises(BoardError, match=r"'pico' is not known\n.*mps2_an386.*nucleo_f746zg"):
        named_board("pico")


def test_no_board() -> None:
    assert named_board(None) is None

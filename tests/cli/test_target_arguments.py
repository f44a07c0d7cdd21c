# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The ways of naming a core, and those that name none."""

from __future__ import annotations

import pytest

from microtvm.cli.command import UsageError
from microtvm.cli.target_arguments import parse_target
from microtvm.errors import TargetError


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

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""ADD, SUB and MUL against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.drawn_cases import binary_cases
from support.draws import Draws
from support.elementwise import binary
from support.operator_suite import OperatorSuite

NAMES = ("add", "sub", "mul")
# Exponents of two of scales that differ by more than int8 holds.
WIDE = (-14.0, 2.0)


def _wide() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for name in NAMES:
        for number in range(12):
            first, second, output = (draws.quantized(*WIDE).operand((6, 40)) for _ in range(3))
            yield f"{name} of wide scales {number}", binary(name, first, second, output)


_DRAWS = Draws(1)
CASES = {
    **{case: model for name in NAMES for case, model in binary_cases(_DRAWS, name)},
    **dict(_wide()),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) in (["add"], ["subtract"], ["multiply"])

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""ADD, SUB and MUL against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
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
# By kernels where there are any; some by plain loops, as on cores without the DSP extension.
CHOOSE = choose_kernel
PLAIN_CASES = dict(list(CASES.items())[::3])


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) in (["add"], ["subtract"], ["multiply"])


@pytest.mark.parametrize("name", PLAIN_CASES)
def test_plain_loops_equal_the_reference(plain_suite: OperatorSuite, name: str) -> None:
    plain_suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_taken(suite: OperatorSuite, name: str) -> None:
    kernel = {"add": "dsp_add", "sub": "dsp_add", "mul": "dsp_multiply"}[name.split()[0]]
    # Operands that are broadcast along three dimensions or more.
    is_plain = any(str(shape) in name for shape in ((2, 1, 5), (2, 1, 3, 1, 2)))
    assert suite.schedules(name) == ["plain" if is_plain else kernel]

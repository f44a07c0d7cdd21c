# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED against LiteRT's reference kernels."""

from __future__ import annotations

import pytest
from support.choices import choose_kernel
from support.drawn_cases import asymmetric_dense_cases, dense_cases, dense_cases_by_rank
from support.draws import Draws
from support.operator_suite import OperatorSuite

CHOOSE = choose_kernel
CASES = {
    **dict(dense_cases(Draws(1))),
    **dict(dense_cases_by_rank(Draws(2))),
    **dict(asymmetric_dense_cases(Draws(3))),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == ["dense"]


@pytest.mark.parametrize("name", CASES)
def test_is_computed_by_a_kernel(suite: OperatorSuite, name: str) -> None:
    (schedule,) = suite.schedules(name)
    assert schedule in ("dsp_dense", "dsp_matmul")

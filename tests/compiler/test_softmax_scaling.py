# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Softmax's scale and table of exponentials."""

from __future__ import annotations

import math

import numpy as np
import pytest

from microtvm.compiler.softmax_scaling import softmax_exponentials, softmax_scale


@pytest.mark.parametrize(("beta", "scale"), [(1.0, 0.1), (1.0, 1e-5), (0.5, 0.02), (2.0, 1.7)])
def test_the_table_holds_exponentials(beta: float, scale: float) -> None:
    scaled = softmax_scale(beta, scale)
    table = softmax_exponentials(scaled.scaled_beta, scaled.difference_min)
    distances = np.arange(256)
    expected = np.where(-distances >= scaled.difference_min, np.exp(-distances * beta * scale), 0)
    assert table[0] == 2**31 - 1
    np.testing.assert_allclose(table / 2.0**31, expected, rtol=0, atol=3e-7)


def test_differences_that_would_overflow_do_not_count() -> None:
    scaled = softmax_scale(1.0, 1.0)
    # 31 of 32 bits, shifted by the 27 that the scale takes.
    assert scaled.difference_min == -15
    table = softmax_exponentials(scaled.scaled_beta, scaled.difference_min)
    assert np.flatnonzero(table).tolist() == list(range(16))


def test_a_huge_scale_leaves_the_maximum_alone() -> None:
    scaled = softmax_scale(1.0, 1e6)
    table = softmax_exponentials(scaled.scaled_beta, scaled.difference_min)
    assert np.flatnonzero(table).tolist() == [0]


@pytest.mark.parametrize("beta", [0.0, -1.0, 2.0**-27, math.nan])
def test_refused(beta: float) -> None:
    with pytest.raises(ValueError, match="softmax of beta"):
        softmax_scale(beta, 1.0)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bounds of a layer's sums against the sums at the extremes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from microtvm.compiler.sum_bounds import int16_sums_fit_int32, sum_bounds


@pytest.mark.parametrize("inputs", [(-128, 127), (-32768, 32767), (0, 255), (-255, 0)])
def test_bounds_are_reached(inputs: tuple[int, int]) -> None:
    random = np.random.default_rng(1)
    rows, bias = random.integers(-127, 128, (5, 4)), random.integers(-900, 900, 5)
    lowest, highest = sum_bounds(rows, bias, inputs)
    corners = np.array(list(itertools.product(inputs, repeat=4)))
    sums = corners @ rows.T + bias
    np.testing.assert_array_equal(lowest, sums.min(axis=0))
    np.testing.assert_array_equal(highest, sums.max(axis=0))


@pytest.mark.parametrize(
    ("terms", "weight", "bias", "fits"),
    [
        (516, 127, 2**31 - 1 - 516 * 127 * 2**15, True),
        (516, -127, -(2**31) + 1 + 516 * 127 * 2**15, True),
        (516, 127, 2**31 - 516 * 127 * 2**15, False),
        (517, 127, 0, False),
        (1, 0, 2**31, False),
        (1, 1, 2**40, False),
    ],
)
def test_the_last_sum_of_32_bits(terms: int, weight: int, bias: int, fits: bool) -> None:
    rows = np.full((1, terms), weight, np.int8)
    assert int16_sums_fit_int32(rows, np.array([bias])) == fits

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rescales of operators with several scales, and those that have none."""

from __future__ import annotations

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint, multiply_twice_rounded, rounding_divide
from microtvm.compiler.rescales import (
    add_rescales,
    mean_rescale,
    multiply_rescale,
    power_of_two_shifts,
    shifted_add_rescales,
)


def _real(point: FixedPoint) -> float:
    return point.multiplier / 2**31 * 2.0**point.shift


def test_equal_scales_are_halved_before_they_are_added() -> None:
    rescales = add_rescales(0.5, 0.5, 0.25)
    assert _real(rescales.first) == _real(rescales.second) == 0.5
    assert _real(rescales.output) == 4 / 2**20


def test_the_smaller_scale_becomes_the_smaller_number() -> None:
    rescales = add_rescales(0.25, 1.0, 1.0)
    assert (_real(rescales.first), _real(rescales.second)) == (0.125, 0.5)


@pytest.mark.parametrize("output", [2.0**-19, 2.0**-30])
def test_an_output_too_fine_to_add_to_is_refused(output: float) -> None:
    with pytest.raises(ValueError, match="addition of scales"):
        add_rescales(1.0, 1.0, output)


def test_powers_of_two_shift_the_finer_operand() -> None:
    assert power_of_two_shifts(0.25, 0.5, 0.5) == (1, 0)
    assert power_of_two_shifts(0.5, 2.0**-16, 0.5) == (0, 15)
    assert power_of_two_shifts(0.3, 0.5, 0.5) is None


def test_a_scale_near_a_power_of_two_is_taken_for_one() -> None:
    near, far = 2.0**0.0009, 2.0**0.0011
    assert power_of_two_shifts(0.25 * near, 0.5 / near, 0.5) == (1, 0)
    assert power_of_two_shifts(0.25 * far, 0.5, 0.5) is None
    assert power_of_two_shifts(0.25, 0.5 / far, 0.5) is None


@pytest.mark.parametrize(
    "scales", [(0.25, 0.25, 0.5), (0.5, 1.0, 0.5), (2.0**-17, 0.5, 0.5), (1.0, 1.0, 0.5)]
)
def test_other_shifts_are_refused(scales: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="all powers of two: shifts by"):
        power_of_two_shifts(*scales)


@pytest.mark.parametrize("shift", [0, 1, 2, 7, 14, 15])
def test_a_shift_is_the_rescale_of_an_operand_shifted_left(shift: int) -> None:
    rescales = shifted_add_rescales(shift, 0)
    values = np.arange(-32768, 32768)
    scaled = multiply_twice_rounded(values << 15, rescales.first.multiplier, rescales.first.shift)
    np.testing.assert_array_equal(scaled, rounding_divide(values, shift))
    same = multiply_twice_rounded(values << 15, rescales.second.multiplier, rescales.second.shift)
    np.testing.assert_array_equal(same, values)
    sums = np.arange(-65536, 65536)
    point = rescales.output
    np.testing.assert_array_equal(multiply_twice_rounded(sums, point.multiplier, point.shift), sums)


def test_products_are_divided_in_float32() -> None:
    # In double precision the quotient has other low bits.
    point = multiply_rescale(0.1, 0.1, 0.3)
    assert point != FixedPoint.from_real(0.1 * 0.1 / 0.3)
    assert _real(point) == pytest.approx(0.1 * 0.1 / 0.3, rel=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 49, 961])
def test_means_divide_by_the_count(count: int) -> None:
    assert _real(mean_rescale(0.3, 0.2, count)) == pytest.approx(1.5 / count, rel=1e-8)


def test_a_mean_of_tiny_scale_keeps_its_shift_in_range() -> None:
    point = mean_rescale(2.0**-30, 1.0, 1000)
    assert -31 <= point.shift <= 30

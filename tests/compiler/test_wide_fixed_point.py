# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rescales of 63 bits against exact fractions, and against products in double precision."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint, multiply_once_rounded, round_half_away
from microtvm.compiler.wide_fixed_point import WideFixedPoints, multiply_wide, wide_point

_INT32_MAX = 2**31 - 1


def test_a_product_is_rounded_once_halves_up() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        value = chance.randrange(-(2 ** chance.randrange(1, 32)) + 1, 2 ** chance.randrange(1, 31))
        multiplier = chance.choice((0, 2**62, 2**63 - 1, chance.randrange(2**62, 2**63)))
        shift = chance.randrange(-31, 1)
        exact = Fraction(value * multiplier, 2**63) * Fraction(2) ** shift
        expected = math.floor(exact + Fraction(1, 2))
        assert int(multiply_wide(value, multiplier, shift)) == expected, (value, multiplier, shift)


def test_a_multiplier_has_two_halves() -> None:
    points = WideFixedPoints(np.array([2**62 + 2**32 - 1, 2**63 - 2]), np.zeros(2, np.int32))
    assert points.high.tolist() == [2**30, 2**31 - 1]
    assert points.low.tolist() == [2**32 - 1, 2**32 - 2]


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0.5, 1),
        (-0.5, -1),
        (0.49999999999999994, 0),
        (-0.49999999999999994, 0),
        (2.5, 3),
        (-1.4, -1),
    ],
)
def test_halves_go_away_from_zero(value: float, rounded: int) -> None:
    assert round_half_away(np.array([value])).tolist() == [rounded]


def _clipped(values: np.ndarray) -> list[int]:
    return np.clip(values, -32768, 32767).tolist()


def _drawn_scales(chance: random.Random) -> float:
    """A quotient in double precision of scales in float32, as TFLite has it."""
    source, weights, output = (float(np.float32(10 ** chance.uniform(-5, -1))) for _ in range(3))
    return source * weights / output


@pytest.mark.parametrize("seed", range(60))
def test_results_are_those_of_double_precision(seed: int) -> None:
    chance = random.Random(seed)
    real = _drawn_scales(chance)
    limit = min(int(2**31 / real) - 1, chance.choice((1000, int(33000 / real) + 1, 2**40)))
    if limit > _INT32_MAX and _INT32_MAX * real < 32769:
        limit = _INT32_MAX
    multiplier, shift = wide_point(real, -limit, limit)
    farthest = min(limit, _INT32_MAX)
    sums = np.random.default_rng(seed).integers(-farthest, farthest + 1, 20000)
    steps = np.random.default_rng(seed).integers(-32768, 32768, 20000) + 0.5
    near = np.clip(np.rint(steps / real) + np.array([[-1], [0], [1]]), -farthest, farthest)
    for chosen in (sums, near.astype(np.int64).reshape(-1)):
        # Python's float is C's double.
        expected = _clipped(round_half_away(chosen.astype(np.float64) * real))
        assert _clipped(multiply_wide(chosen, multiplier, shift)) == expected, real


@pytest.mark.parametrize("exponent", range(-16, 3))
def test_exact_halves_go_away_from_zero_on_both_sides(exponent: int) -> None:
    for factor in (1, 3, 5, 127):
        real = factor * 2.0**exponent
        sums = np.arange(-5000, 5001)
        point = wide_point(real, -5000, 5000)
        expected = round_half_away(sums.astype(np.float64) * real).tolist()
        assert multiply_wide(sums, *point).tolist() == expected, real


def test_a_product_that_double_precision_rounds_to_a_half_goes_away() -> None:
    """3/10 is a little less in double precision, yet 5 times it is 1.5."""
    real = 3.0 / 10.0
    assert Fraction(real) * 5 < Fraction(3, 2)
    assert real * 5 == 1.5
    assert multiply_wide([5, -5], *wide_point(real, -20, 20)).tolist() == [2, -2]


def test_31_bits_are_not_enough_for_int16() -> None:
    """Else this form would not be needed."""
    real = _drawn_scales(random.Random(3))
    limit = int(32768 / real)
    sums = np.random.default_rng(1).integers(-limit, limit + 1, 200000)
    narrow = FixedPoint.from_real(real)
    wide = multiply_wide(sums, *wide_point(real, -limit, limit))
    assert (multiply_once_rounded(sums, narrow.multiplier, narrow.shift) != wide).any()


def test_sums_beyond_32_bits_are_saturated_where_that_changes_no_result() -> None:
    real = 2.0**-15
    point = wide_point(real, -(2**34), 2**34)
    extremes = np.array([-_INT32_MAX, _INT32_MAX])
    assert _clipped(multiply_wide(extremes, *point)) == [-32768, 32767]


@pytest.mark.parametrize("real", [0.0, 2.0**-33, 1e-30])
def test_no_sum_comes_to_a_half_at_the_smallest_scales(real: float) -> None:
    point = wide_point(real, -_INT32_MAX, _INT32_MAX)
    assert multiply_wide([-_INT32_MAX, _INT32_MAX], *point).tolist() == [0, 0]


def test_scales_without_a_point_are_refused() -> None:
    with pytest.raises(ValueError, match="sums up to 1000000 at the scale 5000 leave 32 bits"):
        wide_point(5000.0, -5, 10**6)
    with pytest.raises(ValueError, match="at the scale nan leave 32 bits"):
        wide_point(math.nan, -5, 5)
    with pytest.raises(ValueError, match=r"at the fine scale .* need more than 32 bits"):
        wide_point(2.0**-17, -(2**32), 2**32)
    # Products with 7/10 in double precision come to a half for some sums and below it for others.
    with pytest.raises(ValueError, match=r"no fixed-point form of the scale 0\.7"):
        wide_point(7.0 / 10.0, -40000, 40000)

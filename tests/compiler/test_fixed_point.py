# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Fixed-point arithmetic against exact fractions."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from microtvm.compiler.fixed_point import (
    FixedPoint,
    FixedPoints,
    high_multiply,
    multiply_int16,
    multiply_once_rounded,
    multiply_twice_rounded,
    once_rounded_point,
    reduced_multiplier,
    rounding_divide,
)

_INT32 = (-(2**31), -(2**31) + 1, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30, 2**31 - 2, 2**31 - 1)
_HALF = Fraction(1, 2)


def _int32s(count: int, seed: int) -> Iterator[int]:
    """Edges, then numbers of all magnitudes."""
    yield from _INT32
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.randrange(-(2 ** chance.randrange(1, 32)), 2 ** chance.randrange(1, 32))


def _half_up(value: Fraction) -> int:
    return math.floor(value + _HALF)


def _half_away(value: Fraction) -> int:
    return _half_up(value) if value >= 0 else -_half_up(-value)


def _exact(point: FixedPoint) -> Fraction:
    return Fraction(point.multiplier, 2**31) * Fraction(2) ** point.shift


def _reals() -> Iterator[float]:
    chance = random.Random(1)
    for _ in range(2000):
        yield chance.choice((-1, 1)) * chance.uniform(0.5, 1.0) * 2.0 ** chance.randrange(-31, 31)
    for exponent in range(-31, 30):
        yield 2.0**exponent
        yield math.nextafter(2.0**exponent, 0.0) if exponent > -31 else 2.0**exponent
        yield float(np.nextafter(np.float32(2.0**exponent), np.float32(4e9)))


def test_from_real_is_the_nearest_pair() -> None:
    for real in _reals():
        point = FixedPoint.from_real(real)
        assert 2**30 <= abs(point.multiplier) < 2**31
        assert -31 <= point.shift <= 30
        # Half a unit of the multiplier, or of the next power of two where it was rounded up to it.
        assert abs(_exact(point) - Fraction(real)) <= Fraction(2) ** (point.shift - 32)


@pytest.mark.parametrize(
    ("real", "pair"),
    [
        (0.0, (0, 0)),
        (-0.0, (0, 0)),
        (1.0, (2**30, 1)),
        (0.5, (2**30, 0)),
        (-0.5, (-(2**30), 0)),
        (0.75, (3 * 2**29, 0)),
        (1 - 2.0**-40, (2**30, 1)),
        (2.0**-32, (2**30, -31)),
        (math.nextafter(2.0**-33, 0), (0, 0)),
        (2.0**-33, (0, 0)),
        (5e-324, (0, 0)),
        (2.0**30 - 1, (2**31 - 2, 30)),
    ],
)
def test_from_real_at_its_edges(real: float, pair: tuple[int, int]) -> None:
    point = FixedPoint.from_real(real)
    assert (point.multiplier, point.shift) == pair


@pytest.mark.parametrize("real", [math.nan, math.inf, -math.inf])
def test_from_real_refuses_what_is_no_number(real: float) -> None:
    with pytest.raises(ValueError, match="is not finite"):
        FixedPoint.from_real(real)


@pytest.mark.parametrize("real", [2.0**30, -(2.0**30), 1e300, 2.0**30 - 2.0**-10])
def test_from_real_refuses_what_is_too_large(real: float) -> None:
    with pytest.raises(ValueError, match=r"is 2\*\*30 or more"):
        FixedPoint.from_real(real)


def test_one_pair_a_channel() -> None:
    reals = np.array([0.0, 0.3, 7.5, 1e-12])
    points = FixedPoints.from_reals(reals)
    assert (points.multiplier.dtype, points.shift.dtype) == (np.int32, np.int32)
    for real, multiplier, shift in zip(reals, points.multiplier, points.shift, strict=True):
        assert FixedPoint.from_real(float(real)) == FixedPoint(int(multiplier), int(shift))


def test_high_multiply_rounds_halves_up_and_saturates() -> None:
    values, multipliers = list(_int32s(500, 2)), list(_int32s(500, 3))
    for value in values[:80]:
        results = high_multiply([value] * len(multipliers), multipliers)
        for multiplier, result in zip(multipliers, results.tolist(), strict=True):
            expected = _half_up(Fraction(value * multiplier, 2**31))
            assert result == min(expected, 2**31 - 1), (value, multiplier)


def test_rounding_divide_rounds_halves_away_from_zero() -> None:
    values = list(_int32s(500, 4))
    for exponent in range(32):
        for value, result in zip(values, rounding_divide(values, exponent).tolist(), strict=True):
            assert result == _half_away(Fraction(value, 2**exponent)), (value, exponent)


def _scaled() -> Iterator[tuple[int, FixedPoint]]:
    """Values and pairs whose product fits in 32 bits, before and after its shift left."""
    chance = random.Random(5)
    for value in _int32s(3000, 6):
        shift = chance.randrange(-31, 16)
        multiplier = chance.choice((0, 2**30, 2**31 - 1, chance.randrange(2**30, 2**31)))
        if abs(value << max(shift, 0)) < 2**31:
            yield value, FixedPoint(multiplier, shift)


def test_two_roundings_are_those_of_the_two_steps() -> None:
    for value, point in _scaled():
        left, right = max(point.shift, 0), max(-point.shift, 0)
        product = _half_up(Fraction((value << left) * point.multiplier, 2**31))
        expected = _half_away(Fraction(product, 2**right))
        result = int(multiply_twice_rounded(value, point.multiplier, point.shift))
        assert result == expected, (value, point)


def test_one_rounding_is_that_of_the_exact_product() -> None:
    for value, point in _scaled():
        result = int(multiply_once_rounded(value, point.multiplier, point.shift))
        assert result == _half_up(value * _exact(point)), (value, point)


def test_the_roundings_differ() -> None:
    """Else a test that takes one for the other could not fail."""
    pairs = list(_scaled())
    once = [int(multiply_once_rounded(v, p.multiplier, p.shift)) for v, p in pairs]
    twice = [int(multiply_twice_rounded(v, p.multiplier, p.shift)) for v, p in pairs]
    assert once != twice
    assert max(abs(a - b) for a, b in zip(once, twice, strict=True)) == 1


def test_shifts_to_the_left_wrap_at_32_bits() -> None:
    """As the same shift does in C."""
    wrapped = int(multiply_twice_rounded(2**25 + 1, 2**30, 9))
    assert wrapped == int(multiply_twice_rounded(2**9, 2**30, 0))


def _rounded_in_double(sums: np.ndarray, real: float) -> np.ndarray:
    """Python's float is C's double."""
    products = [float(value) * real for value in sums.tolist()]
    return np.array([math.copysign(math.floor(abs(p) + 0.5), p) for p in products])


def _same_results(point: FixedPoint, real: float, sums: np.ndarray) -> bool:
    result = multiply_once_rounded(sums, point.multiplier, point.shift)
    expected = _rounded_in_double(sums, real)
    return np.array_equal(np.clip(result, -256, 256), np.clip(expected, -256, 256))


def test_a_point_for_one_rounding_is_right_for_every_sum() -> None:
    chance = random.Random(8)
    sums = np.arange(-3000, 3001)
    for _ in range(60):
        real = chance.uniform(0.5, 1.0) * 2.0 ** chance.randrange(-10, 4)
        assert _same_results(once_rounded_point(real, -3000, 3000), real, sums), real


@pytest.mark.parametrize("exponent", range(-12, 3))
def test_halves_go_away_from_zero_on_both_sides(exponent: int) -> None:
    for factor in (1, 3, 5, 127):
        real = factor * 2.0**exponent
        sums = np.arange(-5000, 5001)
        assert _same_results(once_rounded_point(real, -5000, 5000), real, sums), real


def test_large_sums_are_right_where_the_result_steps() -> None:
    chance = random.Random(9)
    differs = 0
    for _ in range(200):
        real = chance.uniform(0.5, 1.0) * 2.0**-14
        limit = 2**22
        point = once_rounded_point(real, -limit, limit)
        steps = (np.arange(-255, 255) + 0.5) / real
        sums = np.unique(np.concatenate([np.floor(steps), np.ceil(steps)])).astype(np.int64)
        sums = sums[np.abs(sums) <= limit]
        assert _same_results(point, real, sums), real
        differs += not _same_results(FixedPoint.from_real(real), real, sums)
    # The nearest multiplier is not always the right one.
    assert differs > 0


@pytest.mark.parametrize(
    ("real", "lowest", "highest"),
    [(1e-30, -(2**31), 2**31 - 1), (0.01, 0, 0), (0.3, 1000, 1000), (1e-7, -(2**31), -(2**31))],
)
def test_a_point_for_few_sums_is_always_found(real: float, lowest: int, highest: int) -> None:
    assert once_rounded_point(real, lowest, highest).shift == FixedPoint.from_real(real).shift


def test_scales_without_a_point_are_refused() -> None:
    with pytest.raises(ValueError, match="sums up to 1000000 at the scale 5000 leave 32 bits"):
        once_rounded_point(5000.0, -5, 10**6)
    real = (0.5 + 7 / 201) * 2.0**-22
    with pytest.raises(ValueError, match="no fixed-point form of the scale"):
        once_rounded_point(real, -(2**30), 2**30)


@pytest.mark.parametrize(
    ("multiplier", "reduced"),
    [
        (0, 0),
        (2**30, 2**14),
        (2**30 + 2**15 - 1, 2**14),
        (2**30 + 2**15, 2**14 + 1),
        (0x7FFE8000, 0x7FFF),
        (0x7FFEFFFF, 0x7FFF),
        # Rounded they would be 2**15, which is no int16.
        (0x7FFF8000, 0x7FFF),
        (2**31 - 1, 0x7FFF),
    ],
)
def test_a_reduced_multiplier_is_the_nearest_int16(multiplier: int, reduced: int) -> None:
    assert int(reduced_multiplier(multiplier)) == reduced


def test_an_int64_sum_is_rounded_once_halves_up() -> None:
    chance = random.Random(10)
    sums = [chance.randrange(-(2 ** chance.randrange(1, 48)), 2**40) for _ in range(2000)]
    for total in (*_INT32, -(2**47), 2**47, *sums):
        multiplier = chance.choice((0, 2**30, 2**31 - 1, chance.randrange(2**30, 2**31)))
        shift = chance.randrange(-31, 15)
        exact = Fraction(total * int(reduced_multiplier(multiplier)), 2**15) * Fraction(2) ** shift
        # C keeps the low 32 bits.
        expected = (_half_up(exact) + 2**31) % 2**32 - 2**31
        assert int(multiply_int16(total, multiplier, shift)) == expected, (total, multiplier, shift)

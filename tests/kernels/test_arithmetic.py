# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The C arithmetic against its numpy twins and against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from support.kernel_library import KernelLibrary

from microtvm.compiler.fixed_point import (
    high_multiply,
    multiply_int16,
    multiply_once_rounded,
    multiply_twice_rounded,
    reduced_multiplier,
    rounding_divide,
)
from microtvm.compiler.wide_fixed_point import WideFixedPoints, multiply_wide

EDGES = np.array(
    [0, 1, -1, 2**30 - 1, 2**30, -(2**30), 2**30 + 1, 2**31 - 1, -(2**31 - 1)], np.int64
)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> KernelLibrary:
    return KernelLibrary(tmp_path_factory.mktemp("kernels"))


def _integers(seed: int, count: int = 5000) -> np.ndarray:
    """Numbers of all magnitudes and both signs, and the edges."""
    generator = np.random.default_rng(seed)
    magnitude = 2.0 ** generator.uniform(0, 31, count)
    values = (magnitude * generator.choice([-1, 1], count)).astype(np.int64)
    return np.concatenate([values, np.repeat(EDGES, EDGES.size)])


def _other_integers(seed: int) -> np.ndarray:
    """As many, with each edge beside each other."""
    values = _integers(seed)
    values[-(EDGES.size**2) :] = np.tile(EDGES, EDGES.size)
    return values


def _multipliers(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(2**30, 2**31, count)


def test_high_multiply(kernels: KernelLibrary) -> None:
    first, second = _integers(1), _other_integers(2)
    result = kernels.call("high_multiply", first, second)
    np.testing.assert_array_equal(result, high_multiply(first, second))
    exact = [
        math.floor(Fraction(int(a) * int(b), 2**31) + Fraction(1, 2))
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_array_equal(result, exact)


@pytest.mark.parametrize("exponent", [0, 1, 2, 7, 15, 30, 31])
def test_rounding_divide(kernels: KernelLibrary, exponent: int) -> None:
    values = np.concatenate([_integers(3), np.arange(-20, 21) << max(exponent - 1, 0) & 0x3FFFFFFF])
    result = kernels.call("rounding_divide", values, exponent)
    np.testing.assert_array_equal(result, rounding_divide(values, exponent))
    exact = [
        math.copysign(math.floor(Fraction(abs(int(x)), 2**exponent) + Fraction(1, 2)), int(x))
        for x in values
    ]
    np.testing.assert_array_equal(result, exact)


def test_requantize(kernels: KernelLibrary) -> None:
    shifts = np.random.default_rng(4).integers(-31, 8, 5000)
    # Shifted left they still fit 32 bits.
    values = _integers(5)[:5000] >> np.maximum(shifts, 0)
    multipliers = _multipliers(6, 5000)
    result = kernels.call("requantize", values, multipliers, shifts)
    np.testing.assert_array_equal(result, multiply_twice_rounded(values, multipliers, shifts))


def test_requantize_wraps_where_the_shift_overflows(kernels: KernelLibrary) -> None:
    assert kernels.call("requantize", [3], [2**30], [30]) == [-(2**29)]


def test_requantize_once(kernels: KernelLibrary) -> None:
    shifts = np.random.default_rng(7).integers(-31, 1, 5000)
    values, multipliers = _integers(8)[:5000], _multipliers(9, 5000)
    result = kernels.call("requantize_once", values, multipliers, shifts)
    np.testing.assert_array_equal(result, multiply_once_rounded(values, multipliers, shifts))


def test_requantize_int16(kernels: KernelLibrary) -> None:
    generator = np.random.default_rng(11)
    sums = (2.0 ** generator.uniform(0, 47, 5000) * generator.choice([-1, 1], 5000)).astype("q")
    shifts = generator.integers(-31, 15, 5000)
    multipliers = _multipliers(12, 5000)
    reduced = reduced_multiplier(multipliers)
    result = kernels.call("requantize_int16", sums, reduced, 15 - shifts, first=np.int64)
    np.testing.assert_array_equal(result, multiply_int16(sums, multipliers, shifts))


def test_requantize_wide(kernels: KernelLibrary) -> None:
    generator = np.random.default_rng(13)
    shifts = generator.integers(-31, 1, 5000).astype(np.int32)
    multipliers = generator.integers(2**62, 2**63, 5000)
    # With a low half of 0, of all ones, and with its highest bit set.
    multipliers[:3] = 2**62, 2**63 - 1, 2**62 + 2**31
    points, values = WideFixedPoints(multipliers, shifts), _integers(14)[:5000]
    result = kernels.call(
        "requantize_wide", values, points.high, points.low.view(np.int32), points.shift
    )
    np.testing.assert_array_equal(result, multiply_wide(values, multipliers, shifts))


def test_quantize_rounds_halves_away_from_zero(kernels: KernelLibrary) -> None:
    values = [0.5, -0.5, 0.49999997, -0.49999997, 1.5, 2.5, -2.5, 126.5, -128.5, 0.0, -0.0]
    result = kernels.call("quantize", values, 1.0, 0, dtype=np.int8)
    assert result.tolist() == [1, -1, 0, 0, 2, 3, -3, 127, -128, 0, 0]


@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_quantize_saturates(kernels: KernelLibrary, zero_point: int) -> None:
    values = [1e30, math.inf, 511.9, 600.0, -1e30, -math.inf, -511.9, -600.0, math.nan]
    result = kernels.call("quantize", values, 1.0, zero_point, dtype=np.int8)
    assert result.tolist() == [127] * 4 + [-128] * 5


def test_quantize_to_int16(kernels: KernelLibrary) -> None:
    values = [0.5, -0.5, 2.5, 32766.5, 32767.5, -32768.5, 1e30, -1e30, math.inf, -math.inf]
    result = kernels.call("quantize_int16", [*values, math.nan], 1.0, 0, dtype=np.int16)
    assert result.tolist() == [1, -1, 3] + [32767] * 2 + [-32768] + [32767, -32768] * 2 + [-32768]
    result = kernels.call("quantize_int16", [131071.9, -131071.9], 1.0, 0, dtype=np.int16)
    assert result.tolist() == [32767, -32768]


def test_quantize_divides_in_float32(kernels: KernelLibrary) -> None:
    generator = np.random.default_rng(10)
    values = generator.normal(0, 3, 5000).astype(np.float32)
    scales = (2.0 ** generator.uniform(-7, -3, 5000)).astype(np.float32)
    points = generator.integers(-128, 128, 5000)
    result = kernels.call("quantize", values, scales, points, dtype=np.int8)
    quotient = (values / scales).astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(quotient) + 0.5), quotient)
    np.testing.assert_array_equal(result, np.clip(rounded + points, -128, 127))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The compile-time half of TFLite's int8 softmax: which differences count, and their exponentials.

Differences to a row's maximum are scaled to 5 integer and 26 fractional bits; exponentials have
31 fractional bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoint, high_multiply, rounding_divide

_INTEGER_BITS = 5
_FRACTIONAL_BITS = 31 - _INTEGER_BITS
_INT32_MAX = 2**31 - 1
_LARGEST_SCALE = float(_INT32_MAX)
_QUARTER = 1 << (_FRACTIONAL_BITS - 2)
_EIGHTH = 1 << 28  # 1/8 with 31 fractional bits
_THIRD = round(2**31 / 3)
_EXP_OF_MINUS_EIGHTH = round(math.exp(-1 / 8) * 2**31)
# exp(-1/4), exp(-1/2), exp(-1), ... exp(-16).
_EXP_OF_POWERS = tuple(round(math.exp(-(2.0**power)) * 2**31) for power in range(-2, 5))

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SoftmaxScale:
    """A difference d counts if d >= difference_min; `scaled_beta` makes it a fixed-point number."""

    scaled_beta: FixedPoint
    difference_min: int


def softmax_scale(beta: float, input_scale: float) -> SoftmaxScale:
    """TFLite's scaling of the input, from the two numbers as the model file has them.

    Raises:
        ValueError: the product is so small that TFLite refuses it, or not positive.
    """
    real = min(beta * input_scale * 2.0**_FRACTIONAL_BITS, _LARGEST_SCALE)
    if not real > 1.0:
        raise ValueError(f"softmax of beta {beta} and input scale {input_scale}")
    scaled_beta = _fixed_point(real)
    radius = ((1 << _INTEGER_BITS) - 1) * 2.0**_FRACTIONAL_BITS / 2.0**scaled_beta.shift
    return SoftmaxScale(scaled_beta, -math.floor(radius))


def softmax_exponentials(scaled_beta: FixedPoint, difference_min: int) -> npt.NDArray[np.int32]:
    """exp(-i * beta) for i = 0 ... 255, and 0 where that difference does not count."""
    distance = np.arange(256, dtype=np.int64)
    counts = -distance >= difference_min
    # In 32 bits: what wraps here does not count.
    shifted = (-distance << scaled_beta.shift).astype(np.int32)
    scaled = high_multiply(np.where(counts, shifted, 0), scaled_beta.multiplier)
    return np.where(counts, _exp_of_negative(scaled), 0).astype(np.int32)


def _fixed_point(real: float) -> FixedPoint:
    """As FixedPoint.from_real, but up to 2**31 - 1."""
    mantissa, shift = math.frexp(real)
    multiplier = math.floor(mantissa * 2**31 + 0.5)
    return FixedPoint(2**30, shift + 1) if multiplier == 2**31 else FixedPoint(multiplier, shift)


def _exp_of_negative(values: Int64Array) -> Int64Array:
    """exp(x) for x <= 0: of the part in [-1/4, 0) by series, then a factor a bit of the rest."""
    fraction = (values & (_QUARTER - 1)) - _QUARTER
    result = _exp_by_series(fraction << _INTEGER_BITS)
    remainder = fraction - values
    for power, factor in zip(range(-2, 5), _EXP_OF_POWERS, strict=True):
        has_bit = (remainder & (1 << (_FRACTIONAL_BITS + power))) != 0
        result = np.where(has_bit, high_multiply(result, factor), result)
    return np.where(values == 0, _INT32_MAX, result)


def _exp_by_series(values: Int64Array) -> Int64Array:
    """exp(x) for x in [-1/4, 0), 31 fractional bits: four terms around -1/8."""
    x = values + _EIGHTH
    square = high_multiply(x, x)
    cube = high_multiply(square, x)
    fourth = rounding_divide(high_multiply(square, square), 2)
    terms = rounding_divide(high_multiply(fourth + cube, _THIRD) + square, 1)
    return _EXP_OF_MINUS_EIGHTH + high_multiply(_EXP_OF_MINUS_EIGHTH, x + terms)

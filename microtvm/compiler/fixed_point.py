# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Real scales as integer (multiplier, shift) pairs, and numpy twins of the C in requantize.h."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True)
class FixedPoint:
    """The real number ``multiplier / 2**31 * 2**shift``, as TFLite's QuantizeMultiplier gives it.

    Attributes:
        multiplier: int32, 0 or in [2**30, 2**31 - 1] in absolute value.
        shift: positive shifts left, negative shifts right; in [-31, 30].
    """

    multiplier: int
    shift: int

    @classmethod
    def from_real(cls, real: float) -> FixedPoint:
        """Nearest pair; 0 for numbers below 2**-32, as TFLite flushes them.

        Raises:
            ValueError: `real` is not finite, or is 2**30 or more.
        """
        if not math.isfinite(real):
            raise ValueError(f"scale {real} is not finite")
        if real == 0.0:
            return cls(0, 0)
        mantissa, shift = math.frexp(real)
        multiplier = int(math.copysign(math.floor(abs(mantissa) * 2**31 + 0.5), mantissa))
        if abs(multiplier) == 2**31:
            multiplier //= 2
            shift += 1
        if shift < -31:
            return cls(0, 0)
        if shift > 30:
            raise ValueError(f"scale {real} is 2**30 or more")
        return cls(multiplier, shift)


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """One FixedPoint a channel, as two int32 arrays of the same length."""

    multiplier: Int32Array
    shift: Int32Array

    @classmethod
    def from_reals(cls, reals: npt.NDArray[np.float64]) -> FixedPoints:
        points = [FixedPoint.from_real(float(real)) for real in reals]
        return cls(
            np.array([point.multiplier for point in points], np.int32),
            np.array([point.shift for point in points], np.int32),
        )

    def take(self, channels: npt.NDArray[np.intp]) -> FixedPoints:
        """Those of some channels."""
        return FixedPoints(self.multiplier[channels], self.shift[channels])


# Results are told apart up to here: int8 outputs, less a zero point.
_FARTHEST_RESULT = 256
_MULTIPLIERS_TRIED = 16


def once_rounded_point(real: float, lowest: int, highest: int) -> FixedPoint:
    """The pair with which `multiply_once_rounded` gives what TFLite's FULLY_CONNECTED does.

    TFLite rounds sum * real in double precision, halves away from zero. A multiplier near the
    nearest one makes an integer of 32 bits and halves up give the same for every sum in a range,
    as far as int8 outputs can tell.

    Raises:
        ValueError: products leave 32 bits, or no multiplier gives the same.
    """
    nearest = FixedPoint.from_real(real)
    farthest = max(abs(lowest), abs(highest))
    if farthest * real >= 2.0**31:
        raise ValueError(f"sums up to {farthest} at the scale {real:g} leave 32 bits")
    sums = _sums_at_steps(real, lowest, highest)
    expected = _within_results(round_half_away(sums.astype(np.float64) * real))
    for offset in range(_MULTIPLIERS_TRIED):
        # 0, 1, -1, 2, -2, ...: a little more takes halves away from zero.
        multiplier = nearest.multiplier + (offset + 1) // 2 * (1 if offset % 2 else -1)
        result = multiply_once_rounded(sums, multiplier, nearest.shift)
        if multiplier < 2**31 and np.array_equal(_within_results(result), expected):
            return FixedPoint(multiplier, nearest.shift)
    raise ValueError(f"no fixed-point form of the scale {real} for sums up to {farthest}")


def _sums_at_steps(real: float, lowest: int, highest: int) -> npt.NDArray[np.int64]:
    """The sums on both sides of each step from one result to the next, and the extremes."""
    halves = np.arange(-_FARTHEST_RESULT, _FARTHEST_RESULT) + 0.5
    with np.errstate(divide="ignore", over="ignore"):
        steps = np.clip(halves / real, lowest, highest)
    beside = np.floor(steps)[:, np.newaxis] + np.arange(-1, 3)
    sums: npt.NDArray[np.int64] = np.unique(np.clip(beside, lowest, highest)).astype(np.int64)
    return sums


def round_half_away(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """C's round(): halves away from zero."""
    size = np.abs(values)
    # Not size + 0.5, which is 1 for the number below 0.5.
    whole = np.floor(size)
    rounded: npt.NDArray[np.int64] = np.copysign(whole + (size - whole >= 0.5), values).astype(
        np.int64
    )
    return rounded


def _within_results(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.clip(values, -_FARTHEST_RESULT, _FARTHEST_RESULT)


def high_multiply(values: npt.ArrayLike, multiplier: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """gemmlowp's SaturatingRoundingDoublingHighMul: round(a * b / 2**31), halves up."""
    product = np.asarray(values, np.int64) * np.asarray(multiplier, np.int64)
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    # C's division truncates; an int64 shift would floor.
    total = product + nudge
    quotient = np.where(total >= 0, total >> 31, -((-total) >> 31))
    return np.minimum(quotient, 2**31 - 1)


def rounding_divide(values: npt.ArrayLike, exponent: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """gemmlowp's RoundingDivideByPOT: round(x / 2**exponent), halves away from zero."""
    value = np.asarray(values, np.int64)
    power = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << power) - 1
    threshold = (mask >> 1) + (value < 0)
    return (value >> power) + ((value & mask) > threshold)


def multiply_twice_rounded(
    values: npt.ArrayLike, multiplier: npt.ArrayLike, shift: npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """TFLite's MultiplyByQuantizedMultiplier with two roundings; shifts left wrap at 32 bits."""
    power = np.asarray(shift, np.int64)
    left, right = np.maximum(power, 0), np.maximum(-power, 0)
    wrapped = (np.asarray(values, np.int64) << left).astype(np.int32)
    return rounding_divide(high_multiply(wrapped, multiplier), right)


def multiply_once_rounded(
    values: npt.ArrayLike, multiplier: npt.ArrayLike, shift: npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """values * multiplier / 2**31 * 2**shift, rounded once, halves up."""
    total = 31 - np.asarray(shift, np.int64)
    product = np.asarray(values, np.int64) * np.asarray(multiplier, np.int64)
    return (product + (np.int64(1) << (total - 1))) >> total


def reduced_multiplier(multiplier: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The nearest 15 bits to a multiplier in [0, 2**31), as TFLite takes them beside int64 sums."""
    whole = np.asarray(multiplier, np.int64)
    return np.where(whole < 0x7FFF0000, (whole + (1 << 15)) >> 16, 0x7FFF)


def multiply_int16(
    acc: npt.ArrayLike, multiplier: npt.ArrayLike, shift: npt.ArrayLike
) -> npt.NDArray[np.int64]:
    """TFLite's MultiplyByQuantizedMultiplier of int64 sums, which layers of int16 activations use.

    acc * reduced_multiplier / 2**15 * 2**shift, rounded once, halves up; the result keeps the low
    32 bits. `acc` is in [-2**47, 2**47], `multiplier` in [0, 2**31), `shift` in [-31, 14].
    """
    total = 15 - np.asarray(shift, np.int64)
    product = np.asarray(acc, np.int64) * reduced_multiplier(multiplier)
    rounded = (product + (np.int64(1) << (total - 1))) >> total
    return rounded.astype(np.int32).astype(np.int64)

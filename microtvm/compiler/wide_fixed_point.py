# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rescales of 63 bits, which give what TFLite's product in double precision does at int16."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import round_half_away

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

# Results are told apart up to here: int16 outputs, which have no zero point.
_FARTHEST_RESULT = 32769
_INT32_MAX = 2**31 - 1
# Above the exact multiplier, in units of its last bit: the first takes exact halves away from zero,
# the others take products that double precision rounds to a half (2**10 units are 2**-53).
_OFFSETS = (1, 2**8, 2**9, 3 * 2**8, 2**10, 0)


@dataclass(frozen=True, eq=False)
class WideFixedPoints:
    """The real numbers ``multiplier / 2**63 * 2**shift``, one a channel.

    Attributes:
        multiplier: int64, 0 or in [2**62, 2**63 - 1].
        shift: int32, positive shifts left; in [-31, 30].
    """

    multiplier: Int64Array
    shift: Int32Array

    @property
    def high(self) -> Int32Array:
        """The multiplier's upper 32 bits."""
        return (self.multiplier >> 32).astype(np.int32)

    @property
    def low(self) -> npt.NDArray[np.uint32]:
        """The multiplier's lower 32 bits."""
        return (self.multiplier & 0xFFFFFFFF).astype(np.uint32)

    def take(self, channels: npt.NDArray[np.intp]) -> WideFixedPoints:
        """Those of some channels."""
        return WideFixedPoints(self.multiplier[channels], self.shift[channels])


def wide_point(real: float, lowest: int, highest: int) -> tuple[int, int]:
    """(multiplier, shift) with which `multiply_wide` gives what TFLite's FULLY_CONNECTED does.

    TFLite rounds sum * real in double precision, halves away from zero. A double has 53 bits, so
    63 hold `real` exactly and leave room to say which way halves go. Sums from `lowest` to
    `highest` that leave 32 bits are saturated before they are rescaled.

    Raises:
        ValueError: products leave 32 bits, saturated sums would be told apart, or no multiplier
            gives the same.
    """
    farthest = max(abs(lowest), abs(highest))
    if not (math.isfinite(real) and farthest * real < 2.0**31 and real < 2.0**30):
        raise ValueError(f"sums up to {farthest} at the scale {real:g} leave 32 bits")
    if farthest > _INT32_MAX and _INT32_MAX * real < _FARTHEST_RESULT:
        raise ValueError(f"sums up to {farthest} at the fine scale {real:g} need more than 32 bits")
    mantissa, shift = math.frexp(real)
    if shift < -31:  # no sum of 32 bits comes to a half
        return 0, 0
    exact = int(mantissa * 2**63)
    sums = _sums_at_steps(real, max(lowest, -_INT32_MAX), min(highest, _INT32_MAX))
    expected = _within_results(round_half_away(sums.astype(np.float64) * real))
    for multiplier in (exact + offset for offset in _OFFSETS if exact + offset < 2**63):
        if np.array_equal(_within_results(multiply_wide(sums, multiplier, shift)), expected):
            return multiplier, shift
    raise ValueError(f"no fixed-point form of the scale {real} for sums up to {farthest}")


def multiply_wide(
    values: npt.ArrayLike, multiplier: npt.ArrayLike, shift: npt.ArrayLike
) -> Int64Array:
    """values * multiplier / 2**63 * 2**shift, rounded once, halves up; values of 32 bits."""
    value, wide = np.asarray(values, np.int64), np.asarray(multiplier, np.int64)
    product = value * (wide >> 32) + ((value * (wide & 0xFFFFFFFF)) >> 32)
    total = 31 - np.asarray(shift, np.int64)
    result: Int64Array = (product + (np.int64(1) << (total - 1))) >> total
    return result


def saturate_int32(sums: npt.ArrayLike) -> Int64Array:
    """What `multiply_wide` takes in the place of sums that may leave 32 bits."""
    return np.clip(np.asarray(sums, np.int64), -_INT32_MAX, _INT32_MAX)


def _sums_at_steps(real: float, lowest: int, highest: int) -> Int64Array:
    """The sums on both sides of each step from one result to the next, and the extremes."""
    first = max(-_FARTHEST_RESULT, math.floor(lowest * real))
    last = min(_FARTHEST_RESULT, math.ceil(highest * real))
    steps = np.rint((np.arange(first, last) + 0.5) / real)
    beside = steps[:, np.newaxis] + np.arange(-1.0, 2.0)
    sums = np.append(beside.reshape(-1), (lowest, highest))
    clipped: Int64Array = np.clip(sums, lowest, highest).astype(np.int64)
    return clipped


def _within_results(values: Int64Array) -> Int64Array:
    return np.clip(values, -_FARTHEST_RESULT, _FARTHEST_RESULT)

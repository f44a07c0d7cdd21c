# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The rescales of operators with more than one, from their tensors' scales, as TFLite has them.

Scales are float32 in the model file; where TFLite divides or multiplies them in float32 before it
goes on in double precision, so does this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint

# Both operands of an addition are shifted left by this before they are rescaled.
ADD_LEFT_SHIFT = 20
ADD_LEFT_SHIFT_INT16 = 15
# A scale is taken for a power of two if its logarithm to base 2 is this near to an integer.
_POWER_TOLERANCE = 1e-3
# TFLite shifts no int16 further as it should: all of them become 1 or -1.
_LARGEST_SHIFT = 15


@dataclass(frozen=True)
class AddRescales:
    """What brings the operands, shifted left, to one scale, and their sum to the output's."""

    first: FixedPoint
    second: FixedPoint
    output: FixedPoint


def add_rescales(
    first: float, second: float, output: float, left_shift: int = ADD_LEFT_SHIFT
) -> AddRescales:
    """For ADD and SUB.

    Raises:
        ValueError: the output's scale is 2**(left_shift - 1) times finer than the inputs' or more,
            or a ratio is 0; TFLite refuses both.
    """
    common = 2.0 * max(first, second)
    real = common / (2.0**left_shift * output)
    rescales = AddRescales(
        *(FixedPoint.from_real(number) for number in (first / common, second / common, real))
    )
    if not 0.0 < real < 1.0 or rescales.output.shift > 0:
        raise ValueError(f"addition of scales {first} and {second} to scale {output}")
    return rescales


def power_of_two_shifts(first: float, second: float, output: float) -> tuple[int, int] | None:
    """How far int16 ADD and SUB shift their operands right where all scales are powers of two.

    Returns:
        None where one is not: `add_rescales` is for those.

    Raises:
        ValueError: TFLite refuses to shift both operands, or one to the left; or a shift is larger
            than 15.
    """
    one, two, out = (_power_of_two(scale) for scale in (first, second, output))
    if one is None or two is None or out is None:
        return None
    shifts = (out - one, out - two)
    if min(shifts) != 0 or max(shifts) > _LARGEST_SHIFT:
        scales = f"{first:g} and {second:g} to scale {output:g}"
        raise ValueError(f"addition of scales {scales}, all powers of two: shifts by {shifts}")
    return shifts


def _power_of_two(scale: float) -> int | None:
    """TFLite's CheckedLog2, which is in float32."""
    logarithm = np.log(np.float32(scale)) * (np.float32(1.0) / np.log(np.float32(2.0)))
    nearest = np.rint(logarithm)
    return int(nearest) if abs(logarithm - nearest) < np.float32(_POWER_TOLERANCE) else None


def shifted_add_rescales(first: int, second: int) -> AddRescales:
    """`power_of_two_shifts` as rescales of operands that were shifted left by 15.

    x << 15 by 2**30 / 2**31 is x << 14, whose rounding shift by 14 + n is the one that TFLite does
    of x by n; the last pair is 1.
    """
    left = ADD_LEFT_SHIFT_INT16 - 1
    one, two = (FixedPoint(2**30, -(left + shift)) for shift in (first, second))
    return AddRescales(one, two, FixedPoint(2**30, 1))


def multiply_rescale(first: float, second: float, output: float) -> FixedPoint:
    """For MUL; raises ValueError where the quotient is too large."""
    with np.errstate(over="ignore"):
        real = np.float32(first) * np.float32(second) / np.float32(output)
    return FixedPoint.from_real(float(real))


def mean_rescale(source: float, target: float, count: int) -> FixedPoint:
    """The scales' ratio divided by `count`: less accurate than it could be, as TFLite does it."""
    ratio = FixedPoint.from_real(source / target)
    shift = min(count.bit_length() - 1, 32, 31 + ratio.shift)
    return FixedPoint((ratio.multiplier << shift) // count, ratio.shift - shift)

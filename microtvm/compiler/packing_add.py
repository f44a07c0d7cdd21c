# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of zephyr_app/include/microtvm/kernels/add_s8.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.packing import Packed

_LARGEST_OUTPUT_SHIFT = 22
_HALF = FixedPoint(1 << 30, 0)
# An operand of 9 bits, doubled, fits 31 bits.
_LARGEST_LEFT_SHIFT = 20


@dataclass(frozen=True)
class Sum:
    """out = zero_points[2] + rescale(first((a - zp) << left_shift) +- second(...)).

    Attributes:
        zero_points: of the operands and of the output.
    """

    left_shift: int
    first: FixedPoint
    second: FixedPoint
    rescale: FixedPoint
    zero_points: tuple[int, int, int]


def pack_add(total: Sum) -> Packed:
    """For microtvm_add_s8_<form> and microtvm_subtract_s8_<form>."""
    operands = (total.first, total.second)
    is_fast = (
        0 < total.left_shift <= _LARGEST_LEFT_SHIFT
        and all(_is_at_most_half(scale) for scale in operands)
        and total.rescale.multiplier >= 0
        and 0 < -total.rescale.shift <= _LARGEST_OUTPUT_SHIFT
    )
    words: list[int] = []
    for scale, zero_point in zip(operands, total.zero_points[:2], strict=True):
        unit = 1 << total.left_shift
        if is_fast:
            words.extend(_fast_operand(scale, unit, zero_point))
        else:
            words.extend((unit, -zero_point * unit, scale.multiplier, 0, scale.shift))
    words.extend(_output(total.rescale, total.zero_points[2], is_fast))
    return Packed("fast" if is_fast else "any", np.array(words, np.int64).astype(np.int32))


def _is_at_most_half(scale: FixedPoint) -> bool:
    return scale.multiplier >= 0 and (scale.shift < 0 or scale in (_HALF, FixedPoint(0, 0)))


def _fast_operand(scale: FixedPoint, unit: int, zero_point: int) -> tuple[int, ...]:
    """Twice the number, for the multiplication.

    To divide by two exactly there is a shift of none: twice as much shifted by one is the same.
    """
    power, factor = -scale.shift, 2
    if power == 0:
        power, factor = 1, 4
    unit *= factor
    return (unit, -zero_point * unit, scale.multiplier, 1 << (power - 1), power)


def _output(scale: FixedPoint, zero_point: int, is_fast: bool) -> tuple[int, ...]:
    if not is_fast:
        return (scale.multiplier, zero_point, scale.shift)
    power = -scale.shift
    return (scale.multiplier, (1 << (power - 1)) + (zero_point << power), power)

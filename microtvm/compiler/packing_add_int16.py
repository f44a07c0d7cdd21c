# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of zephyr_app/include/microtvm/kernels/add_s16.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.packing import Packed

_FAST_LEFT_SHIFT = 15
# Half of what is shifted out, and a number below 2**30 that it is added to, fit 31 bits.
_LARGEST_SHIFT = 30


@dataclass(frozen=True)
class Int16Sum:
    """out = output(first(a << left_shift) +- second(b << left_shift)), each rounded twice."""

    left_shift: int
    first: FixedPoint
    second: FixedPoint
    output: FixedPoint


def pack_add_int16(total: Int16Sum) -> Packed:
    """For microtvm_add_s16_<form> and microtvm_subtract_s16_<form>."""
    scales = (total.first, total.second, total.output)
    is_fast = (
        total.left_shift == _FAST_LEFT_SHIFT
        # So that sums stay within 2**30.
        and _is_at_most_half(total.first)
        and _is_at_most_half(total.second)
        and all(0 <= -scale.shift <= _LARGEST_SHIFT for scale in scales)
        and min(scale.multiplier for scale in scales) >= 0
    )
    words: list[int] = []
    for scale in scales:
        words += _shifted(scale) if is_fast else (scale.multiplier, scale.shift)
    if not is_fast:
        words.append(total.left_shift)
    return Packed("fast" if is_fast else "any", np.array(words, np.int32))


def _is_at_most_half(scale: FixedPoint) -> bool:
    return scale.shift < 0 or scale.multiplier in (0, 1 << 30)


def _shifted(scale: FixedPoint) -> tuple[int, int, int, int]:
    """Multiplier, addend, mask, shift."""
    power = -scale.shift
    if power == 0:
        return (scale.multiplier, 0, 0, 0)
    return (scale.multiplier, 1 << (power - 1), -1, power)

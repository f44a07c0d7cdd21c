# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of zephyr_app/include/microtvm/kernels/multiply_s8.h."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.packing import Packed

MULTIPLY_FORMS = ("twice", "any")
_LARGEST_SHIFT = 22  # which leaves a shifted zero point room in 32 bits


def pack_multiply(rescale: FixedPoint, zero_points: tuple[int, int, int]) -> Packed:
    """For microtvm_multiply_s8_<form>; zero points of the operands and of the output."""
    pairs = [(-zero_point & 0xFFFF) * 0x10001 for zero_point in zero_points[:2]]
    power = -rescale.shift
    if 0 < power <= _LARGEST_SHIFT:
        form, addend, shift = "twice", (1 << (power - 1)) + (zero_points[2] << power), power
    else:
        form, addend, shift = "any", zero_points[2], rescale.shift
    words = np.array([*pairs, rescale.multiplier, addend, shift], np.int64)
    return Packed(form, words.astype(np.int32))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random sums and differences for tests/kernels/channelwise.c, with what numpy gives."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint, multiply_twice_rounded
from microtvm.compiler.packing_add import Sum, pack_add
from microtvm.compiler.rescales import ADD_LEFT_SHIFT, add_rescales
from support.channelwise_cases import ADD, Case, draw_offsets

_FORMS = ("fast", "any")


def add_case(draw: np.random.Generator, count: int, subtract: bool, fine: bool) -> Case:
    """Operands of all values; `fine` output scales need the form for any scale."""
    scales = 2.0 ** draw.uniform(-8, 0, 3)
    if draw.integers(4) == 0:
        scales[1] = scales[0] * 2.0 ** -float(draw.integers(0, 12))
    if fine:
        # Hardly more than the finest that there may be.
        scales[2] = 1.5 * 2.0 ** (1 - ADD_LEFT_SHIFT) * scales[:2].max()
    rescales = add_rescales(*scales.astype(np.float32).tolist())
    zero_points = [int(n) for n in draw.integers(-128, 128, 3)]
    total = Sum(
        left_shift=ADD_LEFT_SHIFT,
        first=rescales.first,
        second=rescales.second,
        rescale=rescales.output,
        zero_points=(zero_points[0], zero_points[1], zero_points[2]),
    )
    packed = pack_add(total)
    data = draw.integers(-128, 128, (2, count)).astype(np.int8)
    clamp = (-128, 127) if draw.integers(3) else (-60, 30)
    left, right = (
        _scaled((data[i].astype(np.int64) - zero_points[i]) << ADD_LEFT_SHIFT, scale)
        for i, scale in enumerate((total.first, total.second))
    )
    result = _scaled(left - right if subtract else left + right, total.rescale) + zero_points[2]
    return Case(
        operation=ADD,
        form=2 * subtract + _FORMS.index(packed.form),
        arguments=(count, *clamp),
        data=data,
        words=packed.words,
        scratch_bytes=0,
        expected=np.clip(result, *clamp).astype(np.int8),
        offsets=draw_offsets(draw),
    )


def _scaled(values: np.ndarray, scale: FixedPoint) -> np.ndarray:
    return multiply_twice_rounded(values, scale.multiplier, scale.shift)

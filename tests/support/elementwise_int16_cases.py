# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random sums and pools of int16 for tests/kernels/channelwise_s16.c, with what numpy gives."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint, multiply_twice_rounded
from microtvm.compiler.packing_add_int16 import Int16Sum, pack_add_int16
from microtvm.compiler.rescales import add_rescales
from support.channelwise_cases import Case
from support.int16_cases import draw_int16_offsets
from support.pool_cases import draw_pool, pooled

_ADD, _AVERAGE_POOL, _MAX_POOL = 1, 2, 3
_FORMS = ("fast", "any")
_LEFT_SHIFT = 15
_INT16 = (-(2**15), 2**15 - 1)


def add_int16_case(draw: np.random.Generator, index: int) -> Case:
    """Operands of all values; each fourth is one of scales that are powers of two."""
    count, subtract = int(draw.integers(1, 70)), bool(draw.integers(2))
    total = _powers_of_two(draw) if index % 4 == 0 else _sum(draw)
    data = draw.integers(-(2**15), 2**15, (2, count)).astype(np.int16)
    data.flat[: 2 * count // 5] = draw.choice(_INT16, 2 * count // 5)
    clamp = _INT16 if draw.integers(3) else (-9000, 21000)
    packed = pack_add_int16(total)
    return Case(
        operation=_ADD,
        form=2 * subtract + _FORMS.index(packed.form),
        arguments=(count, *clamp),
        data=data,
        words=packed.words,
        scratch_bytes=0,
        expected=np.clip(int16_sums(total, data, subtract), *clamp).astype(np.int16),
        offsets=draw_int16_offsets(draw),
    )


def int16_sums(total: Int16Sum, data: np.ndarray, subtract: bool) -> np.ndarray:
    """int64 of the two rows of `data`, before they are clamped."""
    left, right = (
        _scaled(row.astype(np.int64) << total.left_shift, scale)
        for row, scale in zip(data, (total.first, total.second), strict=True)
    )
    return _scaled(left - right if subtract else left + right, total.output)


def _sum(draw: np.random.Generator) -> Int16Sum:
    """Of any scales, among them such that an operand is hardly seen, or nearly saturates."""
    scales = 2.0 ** draw.uniform(-12, -4, 3)
    if draw.integers(4) == 0:
        scales[1] = scales[0] * 2.0 ** -float(draw.integers(0, 14))
    scales[2] = scales[:2].max() * 2.0 ** draw.uniform(-2, 4)
    rescales = add_rescales(*scales.astype(np.float32).tolist(), left_shift=_LEFT_SHIFT)
    return Int16Sum(_LEFT_SHIFT, rescales.first, rescales.second, rescales.output)


def _powers_of_two(draw: np.random.Generator) -> Int16Sum:
    """The last rescale is 1."""
    first, second = (
        FixedPoint(2**30, -14 - int(shift)) for shift in draw.permutation([0, draw.integers(15)])
    )
    return Int16Sum(_LEFT_SHIFT, first, second, FixedPoint(2**30, 1))


def _scaled(values: np.ndarray, scale: FixedPoint) -> np.ndarray:
    return multiply_twice_rounded(values, scale.multiplier, scale.shift)


def average_pool_int16_case(draw: np.random.Generator, index: int) -> Case:
    return _pool_case(draw, _AVERAGE_POOL, index)


def max_pool_int16_case(draw: np.random.Generator, index: int) -> Case:
    return _pool_case(draw, _MAX_POOL, index)


def _pool_case(draw: np.random.Generator, operation: int, index: int) -> Case:
    image, window = draw_pool(draw, index)
    low = int(draw.choice([-(2**15), 0]))
    data = draw.integers(low, 2**15, image).astype(np.int16)
    if draw.integers(4) == 0:
        data = draw.choice(np.array([-(2**15), 1 - 2**15], np.int16), image)
    clamp = _INT16 if draw.integers(3) else (-9000, 21000)
    result = pooled(data, window, is_max=operation == _MAX_POOL)
    shapes = (*image, *result.shape[1:3])
    return Case(
        operation=operation,
        form=0,
        arguments=(*shapes, *window.size, *window.strides, *window.padding[:2], *clamp),
        data=data,
        words=np.zeros(0, np.int32),
        scratch_bytes=0,
        expected=np.clip(result, *clamp).astype(np.int16),
        offsets=draw_int16_offsets(draw),
    )

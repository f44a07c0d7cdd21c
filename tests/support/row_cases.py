# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random means, tables, moves and softmaxes for tests/kernels/elementwise.c, with what numpy
gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import high_multiply, multiply_twice_rounded, rounding_divide
from microtvm.compiler.rescales import mean_rescale
from microtvm.compiler.softmax_scaling import softmax_exponentials, softmax_scale
from support.channelwise_cases import Case
from support.elementwise_cases import Operation, operator_case

Array = npt.NDArray[Any]


def _bytes(draw: np.random.Generator, *shape: int) -> Array:
    if draw.integers(4) == 0:
        return draw.choice(np.array([-128, -127, 127], np.int8), shape)
    return draw.integers(-128, 128, shape).astype(np.int8)


def mean_case(draw: np.random.Generator, index: int) -> Case:
    """A third of them over the last axis, some of more elements than 16 bits can add up."""
    inner = 1 if index % 3 == 0 else int(draw.integers(1, 30))
    count = int(draw.choice([1, 3, 49, 125, 255, 256, 600])) + int(draw.integers(0, 5))
    outer = int(draw.integers(1, 4))
    zero_points = [int(n) for n in draw.integers(-128, 128, 2)]
    rescale = mean_rescale(float(draw.uniform(0.01, 0.1)), float(draw.uniform(0.01, 0.1)), count)
    data = _bytes(draw, outer, count, inner)
    sums = data.astype(np.int64).sum(axis=1) - zero_points[0] * count
    result = multiply_twice_rounded(sums, rescale.multiplier, rescale.shift) + zero_points[1]
    arguments = (
        *(outer, count, inner, -zero_points[0] * count),
        *(rescale.multiplier, rescale.shift, zero_points[1]),
    )
    return operator_case(draw, Operation.MEAN, arguments, data, np.clip(result, -128, 127))


def look_up_case(draw: np.random.Generator, index: int) -> Case:
    data, table = _bytes(draw, 1 + index % 70), _bytes(draw, 256)
    expected = table[data.astype(np.int64) + 128]
    arguments, words = (data.size,), table.view(np.int32)
    return operator_case(draw, Operation.LOOK_UP, arguments, data, expected, words=words)


def copy_case(draw: np.random.Generator, index: int) -> Case:
    data = _bytes(draw, 1 + index % 70)
    return operator_case(draw, Operation.COPY, (data.size,), data, data)


def concatenate_case(draw: np.random.Generator, index: int) -> Case:
    rows, count = int(draw.integers(1, 5)), 2 + index % 3
    widths = [int(n) for n in draw.integers(1, 24, count)]
    if draw.integers(2):
        widths = [4 * width for width in widths]
    parts = [_bytes(draw, rows, width) for width in widths]
    data = np.concatenate([part.ravel() for part in parts])
    expected = np.concatenate(parts, axis=1)
    arguments = (rows, *widths)
    return operator_case(draw, Operation.CONCATENATE, arguments, data, expected, form=count)


def pad_case(draw: np.random.Generator, index: int) -> Case:
    blocks, rows, width = (int(n) for n in draw.integers(1, (4, 6, 30)))
    top, bottom, left, right = (int(n) for n in draw.integers(0, (3, 3, 9, 9)))
    value = int(draw.integers(-128, 128))
    data = _bytes(draw, blocks, rows, width)
    widths = ((0, 0), (top, bottom), (left, right))
    expected = np.pad(data, widths, constant_values=value)
    arguments = (blocks, rows, width, top, bottom, left, right, value)
    return operator_case(draw, Operation.PAD, arguments, data, expected)


def softmax_case(draw: np.random.Generator, index: int) -> Case:
    """From one element to so many equal ones that the sum saturates."""
    rows, width = int(draw.integers(1, 4)), int(draw.choice([1, 2, 3, 7, 8, 10, 12, 33, 130]))
    data = _bytes(draw, rows, width)
    if index == 0:
        data = np.full((1, 4200), -3, np.int8)
    scale = softmax_scale(1.0, float(draw.choice([0.001, 0.02, 0.1, 0.5, 3.0])))
    table = softmax_exponentials(scale.scaled_beta, scale.difference_min)
    expected = np.array([_softmax(row, table) for row in data])
    return operator_case(draw, Operation.SOFTMAX, data.shape, data, expected, words=table)


def _softmax(row: Array, table: Array) -> list[int]:
    """TFLite's: a sum with 19 fractional bits, and its reciprocal by Newton's method."""
    exponentials = table[int(row.max()) - row.astype(np.int64)].astype(np.int64)
    total = min(int(((exponentials + 2**11) >> 12).sum()), 2**31 - 1)
    zeros = 32 - total.bit_length()
    half = (total << zeros) // 2
    x = 1515870810 + int(high_multiply(half, -1010580540))
    for _ in range(3):
        x += 4 * int(high_multiply(x, 2**29 - int(high_multiply(half, x))))
    reciprocal = min(2 * x, 2**31 - 1)
    shares = rounding_divide(high_multiply(exponentials, reciprocal), min(35 - zeros, 31))
    if 35 - zeros > 31:
        shares = np.zeros_like(shares)
    return [int(share) for share in np.clip(shares - 128, -128, 127)]

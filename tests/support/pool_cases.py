# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random pools for tests/kernels/elementwise.c, with what numpy gives."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.operators import Window
from support.channelwise_cases import Case
from support.elementwise_cases import Operation, operator_case

Array = npt.NDArray[Any]


def pooled(data: Array, window: Window, *, is_max: bool) -> Array:
    """Outputs of NHWC images before any bounds, int64."""
    sizes = [
        (size + before + after - kernel) // stride + 1
        for size, before, after, kernel, stride in zip(
            data.shape[1:3],
            window.padding[:2],
            window.padding[2:],
            window.size,
            window.strides,
            strict=True,
        )
    ]
    result = np.empty((len(data), *sizes, data.shape[3]), np.int64)
    for n, y, x in np.ndindex(len(data), *sizes):
        part = _inside(data[n], window, y, x)
        result[n, y, x] = part.max(axis=0) if is_max else _mean(part)
    return result


def draw_pool(draw: np.random.Generator, index: int) -> tuple[tuple[int, int, int, int], Window]:
    """(count, height, width, channels); one in five over the whole image.

    That is of more elements than 16 bits can add up in some.
    """
    images, channels = int(draw.integers(1, 3)), int(draw.integers(1, 14))
    if index % 3 == 0:
        channels = 4 * int(draw.integers(1, 6))
    if index % 5 == 0:
        size = (int(draw.integers(1, 24)), int(draw.integers(1, 24)))
        return (images, *size, channels), Window(size)
    size = (int(draw.integers(1, 6)), int(draw.integers(1, 6)))
    strides = (int(draw.integers(1, 4)), int(draw.integers(1, 4)))
    # Less than the window, which would lie outside otherwise.
    padding = [int(draw.integers(0, size[i % 2])) for i in range(4)]
    height, width = (length + int(draw.integers(0, 8)) for length in size)
    window = Window(size, strides, (1, 1), (padding[0], padding[1], padding[2], padding[3]))
    return (images, height, width, channels), window


def pool_case(
    draw: np.random.Generator,
    operation: Operation,
    image: tuple[int, int, int, int],
    window: Window,
) -> Case:
    """Whole images of (count, height, width, channels)."""
    low = int(draw.choice([-128, -128, 100]))
    data = draw.integers(low, 128, image).astype(np.int8)
    if draw.integers(4) == 0:
        data = draw.choice(np.array([-128, -127], np.int8), image)
    clamp = (-128, 127) if draw.integers(3) else (-60, 30)
    is_max = operation in (Operation.MAX_POOL, Operation.MAX_POOL_ROWS)
    result = pooled(data, window, is_max=is_max)
    shapes, scratch_bytes = (*image, *result.shape[1:3]), 0
    if operation in (Operation.AVERAGE_POOL_ROWS, Operation.MAX_POOL_ROWS):
        # A channel is an image: the output, too, has channels before rows.
        data, result = (np.moveaxis(array, 3, 1) for array in (data, result))
        shapes = (image[0] * image[3], *image[1:3], *result.shape[2:])
        column_bytes = 2 if operation == Operation.AVERAGE_POOL_ROWS else 1
        scratch_bytes = -(-image[2] * column_bytes // 4) * 4
    arguments = (*shapes, *window.size, *window.strides, *window.padding[:2], *clamp)
    expected = np.ascontiguousarray(np.clip(result, *clamp))
    source = np.ascontiguousarray(data)
    return operator_case(draw, operation, arguments, source, expected, scratch_bytes=scratch_bytes)


def _inside(data: np.ndarray, window: Window, y: int, x: int) -> np.ndarray:
    """The elements of a window, [elements, channels]."""
    top = y * window.strides[0] - window.padding[0]
    left = x * window.strides[1] - window.padding[1]
    rows = data[max(top, 0) : top + window.size[0]]
    part = rows[:, max(left, 0) : left + window.size[1]]
    return part.reshape(-1, data.shape[2]).astype(np.int64)


def _mean(part: np.ndarray) -> list[int]:
    """Exact, halves away from zero."""
    means = [Fraction(int(total), len(part)) for total in part.sum(axis=0)]
    return [int(abs(mean) + Fraction(1, 2)) * (1 if mean > 0 else -1) for mean in means]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random pools for tests/kernels/elementwise.c, with what numpy gives."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from microtvm.compiler.operators import Window
from support.channelwise_cases import Case, draw_offsets
from support.elementwise_cases import Operation


def pool_case(
    draw: np.random.Generator,
    operation: Operation,
    image: tuple[int, int, int, int],
    window: Window,
) -> Case:
    """Whole images of (count, height, width, channels)."""
    sizes = [
        (size + before + after - kernel) // stride + 1
        for size, before, after, kernel, stride in zip(
            image[1:3],
            window.padding[:2],
            window.padding[2:],
            window.size,
            window.strides,
            strict=True,
        )
    ]
    low = int(draw.choice([-128, -128, 100]))
    data = draw.integers(low, 128, image).astype(np.int8)
    if draw.integers(4) == 0:
        data = draw.choice(np.array([-128, -127], np.int8), image)
    clamp = (-128, 127) if draw.integers(3) else (-60, 30)
    result = np.empty((image[0], *sizes, image[3]), np.int64)
    for y, x in np.ndindex(*sizes):
        for n in range(image[0]):
            part = _inside(data[n], window, y, x)
            is_max = operation == Operation.MAX_POOL
            result[n, y, x] = part.max(axis=0) if is_max else _mean(part)
    return Case(
        operation=operation,
        form=0,
        arguments=(
            *(*image, *sizes, *window.size, *window.strides),
            *(*window.padding[:2], *clamp),
        ),
        data=data,
        words=np.zeros(0, np.int32),
        scratch_bytes=0,
        expected=np.clip(result, *clamp).astype(np.int8),
        offsets=draw_offsets(draw),
    )


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

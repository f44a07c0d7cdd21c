# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A pool's sliding window in TE: the padded image, and how much of a window lies inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tvm import te, tirx

from microtvm.compiler.operators import Tensor, Window


def pad_image(data: Any, tensor: Tensor, window: Window, value: int) -> Any:
    """`data` with a border of `value`; `data` itself if there is none."""
    if not any(window.padding):
        return data
    batch, height, width, channels = tensor.shape
    top, left, bottom, right = window.padding

    def element(n: Any, y: Any, x: Any, c: Any) -> Any:
        inside = te.all(y >= top, y < top + height, x >= left, x < left + width)
        border = tirx.const(value, tensor.dtype)
        return tirx.if_then_else(inside, data[n, y - top, x - left, c], border)

    shape = (batch, top + height + bottom, left + width + right, channels)
    return te.compute(shape, element, name="padded")


def reduce_window(
    image: Any,
    output: Tensor,
    window: Window,
    reducer: Callable[..., Any],
    dtype: str,
) -> Any:
    """`reducer` over each window of `image`, one element an output."""
    stride_y, stride_x = window.strides
    y = te.reduce_axis((0, window.size[0]), name="window_y")
    x = te.reduce_axis((0, window.size[1]), name="window_x")
    return te.compute(
        output.shape,
        lambda n, i, j, c: reducer(
            image[n, i * stride_y + y, j * stride_x + x, c].astype(dtype), axis=[y, x]
        ),
        name="accumulator",
    )


def elements_inside(tensor: Tensor, window: Window, row: Any, column: Any) -> Any:
    """How many elements of the window at an output's row and column are not padding."""
    sizes = zip((row, column), window.size, window.strides, window.padding[:2], strict=True)
    extents = []
    for (index, size, stride, before), limit in zip(sizes, tensor.shape[1:3], strict=True):
        start = index * stride - before
        extents.append(te.min(start + size, limit) - te.max(start, 0))
    return extents[0] * extents[1]

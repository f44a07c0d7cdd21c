# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A pool's sliding window in TE: the padded image, and how much of a window lies inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tvm import te, tirx

from microtvm.compiler.operators import Tensor, Window


def pad_image(data: Any, tensor: Tensor, window: Window, value: int, layout: str) -> Any:
    """`data` with a border of `value`; `data` itself if there is none."""
    if not any(window.padding):
        return data
    axes = (layout.index("H"), layout.index("W"))
    before, after = window.padding[:2], window.padding[2:]
    shape = list(tensor.shape)
    for axis, size in zip(axes, map(sum, zip(before, after, strict=True)), strict=True):
        shape[axis] += size

    def element(*indices: Any) -> Any:
        shifted = list(indices)
        for axis, size in zip(axes, before, strict=True):
            shifted[axis] -= size
        bounds = (
            bound
            for axis, size in zip(axes, before, strict=True)
            for bound in (indices[axis] >= size, indices[axis] < size + tensor.shape[axis])
        )
        border = tirx.const(value, tensor.dtype)
        return tirx.if_then_else(te.all(*bounds), data[tuple(shifted)], border)

    return te.compute(shape, element, name="padded")


def reduce_window(
    image: Any,
    output: Tensor,
    window: Window,
    reducer: Callable[..., Any],
    dtype: str,
    layout: str,
) -> Any:
    """`reducer` over each window of `image`, one element an output."""
    steps = {
        "H": te.reduce_axis((0, window.size[0]), name="window_y"),
        "W": te.reduce_axis((0, window.size[1]), name="window_x"),
    }
    strides = dict(zip("HW", window.strides, strict=True))

    def element(*indices: Any) -> Any:
        place = [
            index * strides[axis] + steps[axis] if axis in steps else index
            for axis, index in zip(layout, indices, strict=True)
        ]
        return reducer(image[tuple(place)].astype(dtype), axis=list(steps.values()))

    return te.compute(output.shape, element, name="accumulator")


def elements_inside(tensor: Tensor, window: Window, row: Any, column: Any, layout: str) -> Any:
    """How many elements of the window at an output's row and column are not padding."""
    limits = (tensor.shape[layout.index(axis)] for axis in "HW")
    sizes = zip((row, column), window.size, window.strides, window.padding[:2], strict=True)
    extents = []
    for (index, size, stride, before), limit in zip(sizes, limits, strict=True):
        start = index * stride - before
        extents.append(te.min(start + size, limit) - te.max(start, 0))
    return extents[0] * extents[1]

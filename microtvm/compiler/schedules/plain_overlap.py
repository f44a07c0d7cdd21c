# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output in plain loops, which go through the output element by element.

Only where the definition of an operator (computes/) is one loop nest over the output, and an
element is written after all that it depends on was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microtvm.compiler.access_order import (
    AccessOrder,
    by_windows_of_a_channel,
    by_windows_of_all_channels,
    element_wise_order,
)
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Conv2D,
    DepthwiseConv2D,
    Dequantize,
    LookUp,
    MaxPool2D,
    Multiply,
    Operator,
    Quantize,
    Reshape,
    Softmax,
    Tensor,
    Window,
)
from microtvm.compiler.overlap import (
    element_wise_overlaps,
    image_size,
    pixel_bytes,
    pool_overlap,
    trailing,
    unread_pixel,
)

# Softmax reads a row three times; the third time, an element is read before it is written.
_ELEMENT_WISE = (Add, Dequantize, LookUp, Multiply, Quantize, Reshape, Softmax)
_WINDOWED = (AveragePool2D, Conv2D, DepthwiseConv2D, MaxPool2D)


def plain_overlaps(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """Apart, if the operator is not one of the above or its data is not NHWC."""
    inputs, output = [tensors[index] for index in operator.inputs], tensors[operator.output]
    if operator.layout == "NHWC":
        if isinstance(operator, _ELEMENT_WISE):
            return element_wise_overlaps(operator, tensors, blocks)
        if isinstance(operator, _WINDOWED) and output.shape[0] == 1:
            own = _reads_own_channel(operator, inputs[0], output)
            find = pool_overlap if own else _all_channels_overlap
            return [find(operator.window, inputs[0], output)]
    return (None,) * len(inputs)


def plain_order(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder | None:
    """A step is an element of the output."""
    inputs, output = [tensors[index] for index in operator.inputs], tensors[operator.output]
    if operator.layout != "NHWC":
        return None
    if isinstance(operator, _ELEMENT_WISE):
        return element_wise_order(operator, tensors, blocks)
    if not isinstance(operator, _WINDOWED) or output.shape[0] != 1:
        return None
    if _reads_own_channel(operator, inputs[0], output):
        return by_windows_of_a_channel(operator.window, inputs[0], output)
    return by_windows_of_all_channels(operator.window, inputs[0], output)


def plain_scratch(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> int | None:
    """Loops over the output keep one sum at a time; of other operators only the C tells."""
    return 0 if isinstance(operator, (*_ELEMENT_WISE, *_WINDOWED)) else None


def _all_channels_overlap(window: Window, source: Tensor, output: Tensor) -> Overlap:
    """Until a pixel's last channel is written, its whole window is read again and again."""
    depth, channels = pixel_bytes(source), pixel_bytes(output)
    image, size = image_size(source), image_size(output)
    progress = (
        ((pixel + 1) * channels, unread_pixel(window, image, size, pixel) * depth)
        for pixel in range(size[0] * size[1])
    )
    return trailing(progress, source.size_bytes)


def _reads_own_channel(operator: Operator, source: Tensor, output: Tensor) -> bool:
    if isinstance(operator, DepthwiseConv2D):
        return source.shape[3] == output.shape[3]
    return not isinstance(operator, Conv2D)

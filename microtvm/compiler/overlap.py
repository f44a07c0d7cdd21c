# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How far the output of a layer may run over its input, from the order in which both are used.

The diagonal memory optimisation of Blacker, Bajaj and Coghlan, "Diagonal memory optimisation for
machine learning on micro-controllers", 2020: an output that is written from its start on may begin
before an input that is read from its start on, as long as it never catches up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import Operator, Tensor, Window

# Of an operator with a schedule's block sizes: for each input how the output may share its bytes,
# None where it may not.
FindOverlaps = Callable[[Any, Sequence[Tensor], Mapping[str, int]], Sequence[Overlap | None]]

# The output replaces the input byte for byte, and lies nowhere else over it.
IN_PLACE = Overlap(0, 0)


def no_overlaps(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """Of a schedule that says nothing: all must be apart."""
    return (None,) * len(operator.inputs)


def trailing(progress: Iterable[tuple[int, int]], input_bytes: int) -> Overlap:
    """Of a layer that writes its output in ascending order.

    Args:
        progress: pairs of bytes, (written, unread): at some time the output is written up to the
            first, while the input is still to be read from the second on. There must be one for
            every time at which something is written and something is still to be read.
        input_bytes: the input's size.
    """
    return Overlap(max((written - unread for written, unread in progress), default=-input_bytes))


def unread_pixel(
    window: Window, image: tuple[int, int], output: tuple[int, int], pixel: int
) -> int:
    """The first pixel of an image that the windows of an output's pixels from `pixel` on read.

    Args:
        image, output: (height, width).
        pixel: of the output, counted row by row.
    """
    row, column = divmod(pixel, output[1])
    top, left, _, _ = window.padding
    y, x = row * window.strides[0] - top, column * window.strides[1] - left
    first = max(0, y) * image[1] + max(0, x)
    if row + 1 < output[0]:
        # The next row begins further down, but further to the left.
        first = min(first, max(0, y + window.strides[0]) * image[1])
    return first


def pixel_bytes(tensor: Tensor) -> int:
    """Bytes of the last axis."""
    return tensor.shape[-1] * np.dtype(tensor.dtype).itemsize


def image_size(tensor: Tensor) -> tuple[int, int]:
    """(height, width) of NHWC."""
    return tensor.shape[1], tensor.shape[2]


def element_wise_overlaps(
    operator: Operator, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """Of elements that are computed one by one from those of the same number.

    An input that is broadcast must be apart.
    """
    output = tensors[operator.output]
    return [_element_wise(tensors[index], output) for index in operator.inputs]


def _element_wise(source: Tensor, output: Tensor) -> Overlap | None:
    if source.elements != output.elements:
        return None
    size, out_size = (np.dtype(tensor.dtype).itemsize for tensor in (source, output))
    # The difference changes steadily: the first and the last but one element are enough.
    counts = [count for count in (1, output.elements - 1) if 0 < count < output.elements]
    return trailing(((count * out_size, count * size) for count in counts), source.size_bytes)


def pool_overlap(window: Window, source: Tensor, output: Tensor) -> Overlap:
    """Of an image's windows of one channel each, pixel by pixel, in each channel by channel."""
    image, size = image_size(source), image_size(output)
    depth, channels = pixel_bytes(source), pixel_bytes(output)
    # Before a pixel's first channel is written, that of its window was read, but not the others.
    pixels = range(size[0] * size[1])
    return trailing(
        ((pixel * channels, unread_pixel(window, image, size, pixel) * depth) for pixel in pixels),
        source.size_bytes,
    )

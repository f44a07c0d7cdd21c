# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output where some pixels' inputs are widened before their outputs are
written: matmul_s8.h and conv2d_s8.h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from microtvm.compiler.access_order import AccessOrder, by_windows, pixel_blocks, pixel_by_pixel
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import Conv2D, Dense, Tensor
from microtvm.compiler.overlap import image_size, pixel_bytes, trailing, unread_pixel

_PIXELS = (4, 2, 1)  # that are taken at once, as many as there are


def matmul_overlaps(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """A layer with no more output than input channels runs in place."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    channels = pixel_bytes(output)
    pixels = output.size_bytes // channels
    depth = source.size_bytes // pixels
    ends = _block_ends(pixels)[:-1]
    return (trailing(((end * channels, end * depth) for end in ends), source.size_bytes),)


def conv2d_overlaps(
    operator: Conv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """The output stays behind the rows that the windows of the next pixels read."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if operator.groups > 1 or output.shape[0] != 1:
        return (None,)
    image, size = image_size(source), image_size(output)
    depth, channels = pixel_bytes(source), pixel_bytes(output)
    ends = _block_ends(size[0] * size[1])[:-1]
    progress = (
        (end * channels, unread_pixel(operator.window, image, size, end) * depth) for end in ends
    )
    return (trailing(progress, source.size_bytes),)


def matmul_order(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder:
    """Four pixels at a time."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    pixels = output.elements // output.shape[-1]
    return pixel_by_pixel(
        pixel_blocks(pixels), source.size_bytes // pixels, output.size_bytes // pixels
    )


def conv2d_order(
    operator: Conv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder | None:
    """Four windows at a time."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if operator.groups > 1 or output.shape[0] != 1:
        return None
    _, height, width, _ = output.shape
    _, rows, columns, _ = source.shape
    steps = pixel_blocks(height * width).reshape(height, width)
    return by_windows(
        steps,
        operator.window,
        (rows, columns, source.size_bytes // (rows * columns)),
        output.size_bytes // (height * width),
    )


def _block_ends(pixels: int) -> list[int]:
    """How many pixels are done after each block."""
    ends, end = [], 0
    for size in _PIXELS:
        while pixels - end >= size:
            end += size
            ends.append(end)
    return ends

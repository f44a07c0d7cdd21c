# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output where some pixels' inputs are copied to scratch before their outputs
are written: matmul_s8.h and conv2d_s8.h, and the same at int16."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from microtvm.compiler.access_order import (
    NEVER,
    AccessOrder,
    Steps,
    by_windows,
    pixel_blocks,
    pixel_by_pixel,
)
from microtvm.compiler.buffers import ALIGNMENT, Overlap
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
    ends = _block_ends(pixels, blocks.get("pixels", 4))[:-1]
    return (trailing(((end * channels, end * depth) for end in ends), source.size_bytes),)


def conv2d_overlaps(
    operator: Conv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """The output stays behind the rows that the windows of the next pixels read.

    Groups are computed one after the other: their output must lie over what they read themselves.
    """
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    image, size = image_size(source), image_size(output)
    depth, channels = pixel_bytes(source), pixel_bytes(output)
    ends = [
        (end, unread_pixel(operator.window, image, size, end))
        for end in _block_ends(size[0] * size[1])[:-1]
    ]
    ends.append((size[0] * size[1], image[0] * image[1]))
    progress = [
        ((number * ends[-1][0] + end) * channels, (number * ends[-1][1] + unread) * depth)
        for number in range(output.shape[0])
        for end, unread in ends
    ]
    overlap = trailing(progress[:-1], source.size_bytes)
    if operator.groups == 1:
        return (overlap,)
    step = math.lcm(channels, ALIGNMENT)
    distance = max(0, -(-overlap.least // step) * step)
    fits = depth == channels and distance < output.size_bytes
    return (Overlap(distance, distance) if fits else None,)


def matmul_order(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder:
    """Some pixels at a time."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    pixels = output.elements // output.shape[-1]
    return pixel_by_pixel(
        pixel_blocks(pixels, blocks.get("pixels", 4)),
        source.size_bytes // pixels,
        output.size_bytes // pixels,
    )


def conv2d_order(
    operator: Conv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder:
    """Four windows at a time, in each image group by group."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    size = image_size(output)
    steps = pixel_blocks(size[0] * size[1])
    window = by_windows(steps.reshape(size), operator.window, (*image_size(source), 1), 1)
    kernels = (output.shape[0], operator.groups)
    count = int(steps[-1]) + 1
    reads = _of_kernels(window.reads[0], kernels, count, pixel_bytes(source))
    return AccessOrder((reads,), _of_kernels(steps, kernels, count, pixel_bytes(output)))


def _of_kernels(pixels: Steps, kernels: tuple[int, int], count: int, channels: int) -> Steps:
    """The steps of an image's pixels, of which a kernel has `count`, for each byte of all images.

    Args:
        kernels: images, and groups in each. channels: bytes of a pixel.
    """
    images, groups = kernels
    before = np.arange(images * groups).reshape(images, 1, groups) * count
    own = pixels[None, :, None]
    steps = np.where(own == NEVER, NEVER, own + before).astype(np.int32)
    found: Steps = steps.repeat(channels // groups, axis=2).reshape(-1)
    return found


def _block_ends(pixels: int, most: int = 4) -> list[int]:
    """How many pixels are done after each block, of up to `most`."""
    ends, end = [], 0
    for size in (size for size in _PIXELS if size <= most):
        while pixels - end >= size:
            end += size
            ends.append(end)
    return ends

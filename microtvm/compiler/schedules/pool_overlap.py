# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output of the pool kernels.

pool_s8.h and pool_s16.h: pixel by pixel, in each some channels after others, as plain loops do.
pool_rows_s8.h: of an image of one channel, the rows of a row of windows, then its outputs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from microtvm.compiler.access_order import NEVER, AccessOrder, by_windows_of_a_channel
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Tensor
from microtvm.compiler.overlap import pool_overlap, trailing

Pool = AveragePool2D | MaxPool2D


def is_by_rows(operator: Pool, tensors: Sequence[Tensor]) -> bool:
    """Whether each channel lies by itself."""
    return operator.layout == "NCHW" or tensors[operator.inputs[0]].shape[3] == 1


def pool_overlaps(
    operator: Pool, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """The output stays behind what the windows of the next pixel, or of the next row, read."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if is_by_rows(operator, tensors):
        return (_rows_overlap(operator, source, output),)
    return channels_pool_overlaps(operator, tensors, blocks)


def channels_pool_overlaps(
    operator: Pool, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """Of NHWC images whose channels lie side by side."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if output.shape[0] != 1:
        return (None,)
    return (pool_overlap(operator.window, source, output),)


def pool_order(
    operator: Pool, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder | None:
    """A step is a number of the output; where channels lie by themselves, a row of it."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if is_by_rows(operator, tensors):
        return _rows_order(operator, source, output)
    return channels_pool_order(operator, tensors, blocks)


def channels_pool_order(
    operator: Pool, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder | None:
    """A step is a number of the output."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if output.shape[0] != 1:
        return None
    return by_windows_of_a_channel(operator.window, source, output)


def _rows_overlap(operator: Pool, source: Tensor, output: Tensor) -> Overlap:
    images, height, width = _channel_images(operator, source)
    _, out_height, out_width = _channel_images(operator, output)
    rows = [_window_rows(operator, height, y).start for y in range(1, out_height)]
    # After each row of the output: the next one's first, or that of the next image.
    unread = [*(min(rows[number:]) for number in range(len(rows))), height]
    progress = [
        ((image * out_height + number) * out_width, (image * height + row) * width)
        for image in range(images)
        for number, row in enumerate(unread, 1)
    ]
    return trailing(progress[:-1], source.size_bytes)


def _rows_order(operator: Pool, source: Tensor, output: Tensor) -> AccessOrder:
    images, height, width = _channel_images(operator, source)
    _, out_height, out_width = _channel_images(operator, output)
    last = np.full(height, NEVER, np.int32)
    for y in range(out_height):
        rows = _window_rows(operator, height, y)
        last[rows.start : rows.stop] = y
    before = np.arange(images, dtype=np.int32)[:, None] * out_height
    reads = np.where(last == NEVER, NEVER, last + before).astype(np.int32)
    writes = np.arange(images * out_height, dtype=np.int32)
    return AccessOrder((reads.reshape(-1).repeat(width),), writes.repeat(out_width))


def _channel_images(operator: Pool, tensor: Tensor) -> tuple[int, int, int]:
    """How many images of one channel, their height and width."""
    height, width = (tensor.shape[operator.layout.index(axis)] for axis in "HW")
    return math.prod(tensor.shape) // (height * width), height, width


def _window_rows(operator: Pool, height: int, y: int) -> range:
    """Of the image, those that the windows of a row of the output read."""
    top = y * operator.window.strides[0] - operator.window.padding[0]
    return range(max(0, top), min(height, top + operator.window.size[0]))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output of the depthwise kernels, at int8 and int16.

depthwise_layer.h: where a channel has one output channel, the bands of four channels, then those of
the next four; else all channels of a band, then the next band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from microtvm.compiler.access_order import NEVER, AccessOrder, Steps
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.overlap import IN_PLACE, trailing
from microtvm.compiler.packing_depthwise import DepthwiseShape
from microtvm.compiler.schedules.depthwise_work import CELL_CHANNELS, bands_inside

_PAIR = 2  # output rows that a band counts as one, and input rows in a row of cells


def depthwise_overlaps(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """With one output channel a channel, in place; else the output stays behind the band's rows."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, height, band = output.shape[0], output.shape[1], _PAIR * blocks["band"]
    rows = images * source.shape[1]
    row, out_row = source.size_bytes // rows, output.size_bytes // (images * height)
    filled = _filled_rows(operator, source, output, blocks["band"])
    # With few channels or one output channel each, no row is filled again by other channels.
    once = source.shape[3] <= CELL_CHANNELS or bands_inside(source, output)
    ends = [
        (min(number * band, height), unread)
        for number, unread in enumerate(_unread(filled, once, source.shape[1]), 1)
    ]
    progress = [
        ((image * height + end) * out_row, (image * source.shape[1] + unread) * row)
        for image in range(images)
        for end, unread in (*ends, (height, source.shape[1]))
    ]
    overlap = trailing(progress[:-1], source.size_bytes)
    if source.shape[3] <= CELL_CHANNELS or not bands_inside(source, output):
        return (overlap,)
    # What is read and what is written of some channels must be the same bytes.
    return (IN_PLACE if overlap.least <= 0 else None,)


def depthwise_order(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder:
    """A step is four channels of a band: their plane is filled, then their outputs are written."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    last = np.full(source.shape[1], NEVER, np.int32)
    for band, rows in enumerate(_filled_rows(operator, source, output, blocks["band"])):
        last[rows.start : rows.stop] = band
    channel = np.arange(source.shape[3], dtype=np.int32)
    out_channel = channel.repeat(output.shape[3] // source.shape[3])
    bands = np.arange(output.shape[1], dtype=np.int32) // (_PAIR * blocks["band"])
    count = int(bands[-1] + 1) * -(-source.shape[3] // CELL_CHANNELS)
    reads, writes = (
        _steps(rows, channels // CELL_CHANNELS, bands[-1] + 1, bands_inside(source, output))
        for rows, channels in ((last, channel), (bands, out_channel))
    )
    return AccessOrder((_bytes(reads, source, count),), _bytes(writes, output, count))


def _filled_rows(
    operator: DepthwiseConv2D, source: Tensor, output: Tensor, pairs_of_band: int
) -> list[range]:
    """The rows of the input from which each band fills the plane of some channels."""
    window, height = operator.window, source.shape[1]
    shape = DepthwiseShape((output.shape[1], output.shape[2]), window)
    stride = window.strides[0]
    shared = shape.shared_rows if bands_inside(source, output) else 0
    filled = []
    for first in range(0, shape.pairs, pairs_of_band):
        top = _PAIR * first * stride - window.padding[0]
        rows = shape.depth + (min(pairs_of_band, shape.pairs - first) - 1) * stride
        start = top + (_PAIR * shared if first > 0 else 0)
        filled.append(range(max(0, start), max(0, min(height, top + _PAIR * rows))))
    return filled


def _unread(filled: Sequence[range], once: bool, height: int) -> list[int]:
    """While each band's outputs are written, the first row that is still to be read, if any is."""
    starts = [band.start for band in filled]
    # If not once, other channels of the band will read all of its rows.
    firsts = [min(starts[number + once :], default=height) for number in range(len(filled))]
    return [row for row in firsts if row < height]


def _steps(bands: Steps, groups: Steps, count: int, inside: bool) -> Steps:
    """[rows, channels] from the band of each row and the group of each channel."""
    rows = bands[:, None]
    steps = groups * count + rows if inside else rows * (groups[-1] + 1) + groups
    found: Steps = np.where(rows == NEVER, NEVER, steps).astype(np.int32)
    return found


def _bytes(steps: Steps, tensor: Tensor, count: int) -> Steps:
    """[rows, channels] for each byte of all images, each of which takes `count` steps."""
    row = np.tile(steps, tensor.shape[2]).repeat(np.dtype(tensor.dtype).itemsize)
    before = np.arange(tensor.shape[0])[:, None] * count
    found: Steps = np.where(row == NEVER, NEVER, row + before).astype(np.int32).reshape(-1)
    return found

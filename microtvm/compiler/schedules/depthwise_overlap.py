# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output of depthwise_s8.h: bands of rows, in each four channels at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from microtvm.compiler.access_order import AccessOrder, Steps
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.overlap import IN_PLACE, trailing

_PAIR = 2  # output rows that a band counts as one
_CHANNELS = 4  # that are read before what they give is written


def depthwise_overlaps(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> Sequence[Overlap | None]:
    """With one band, in place; with several, the output stays behind the rows of the band."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    height, band = output.shape[1], _PAIR * blocks["band"]
    if output.shape[0] != 1:
        return (None,)
    if band >= height:
        # What is read and what is written of some channels are the same bytes.
        return (IN_PLACE if source.shape[3] == output.shape[3] else None,)
    row = source.size_bytes // source.shape[1]
    out_row = output.size_bytes // height
    top, stride = operator.window.padding[0], operator.window.strides[0]
    # If there are more channels, all rows of a band are read again after its first outputs.
    done = band if source.shape[3] <= _CHANNELS else 0
    progress = (
        (min(first + band, height) * out_row, max(0, (first + done) * stride - top) * row)
        for first in range(0, height - done, band)
    )
    return (trailing(progress, source.size_bytes),)


def depthwise_order(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: Mapping[str, int]
) -> AccessOrder | None:
    """A step is four channels of a band: their plane is filled, then their outputs are written."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    _, height, width, channels = source.shape
    _, out_height, out_width, out_channels = output.shape
    if output.shape[0] != 1:
        return None
    groups = -(-channels // _CHANNELS)
    bands = np.arange(out_height, dtype=np.int32) // (_PAIR * blocks["band"])
    last_band = np.full(height, -groups, np.int32)
    for out_row, band in enumerate(bands):
        for tap in range(operator.window.size[0]):
            row = out_row * operator.window.strides[0] - operator.window.padding[0]
            row += tap * operator.window.dilation[0]
            if 0 <= row < height:
                last_band[row] = max(last_band[row], band)
    group = np.arange(channels, dtype=np.int32) // _CHANNELS
    out_group = group.repeat(out_channels // channels)
    reads = _rows(last_band, groups, width, group).repeat(np.dtype(source.dtype).itemsize)
    writes = _rows(bands, groups, out_width, out_group).repeat(np.dtype(output.dtype).itemsize)
    return AccessOrder((reads,), writes)


def _rows(bands: Steps, groups: int, width: int, group: Steps) -> Steps:
    """The step of each number, from the band of each row and the group of each channel."""
    steps: Steps = bands[:, None] * np.int32(groups) + np.tile(group, width)[None, :]
    return steps.reshape(-1)

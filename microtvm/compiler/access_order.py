# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""When a layer reads and writes each byte, as its code goes through them: what plans are proven by.

These follow the loops of the kernels and know nothing of distances; overlap.py states those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.operators import Operator, Tensor, Window

Steps = npt.NDArray[np.int32]

NEVER = -1


@dataclass(frozen=True, eq=False)
class AccessOrder:
    """Steps of a layer. In a step, everything is read before anything is written.

    Attributes:
        reads: for each input, the last step in which each of its bytes is read; -1 for never.
        writes: the first step in which each byte of the output is written.
    """

    reads: tuple[Steps, ...]
    writes: Steps


# Of an operator with a schedule's block sizes; None where nothing is known.
FindOrder = Callable[[Any, Sequence[Tensor], Any], AccessOrder | None]


def unknown_order(operator: Operator, tensors: Sequence[Tensor], blocks: Any) -> AccessOrder | None:
    """Of a schedule that says nothing."""
    return None


def element_wise_order(operator: Operator, tensors: Sequence[Tensor], blocks: Any) -> AccessOrder:
    """Each element of the output depends on the one of the same number of each input.

    An input with another number of elements is broadcast, and read until the end.
    """
    inputs, output = [tensors[index] for index in operator.inputs], tensors[operator.output]
    count = output.elements
    steps = np.arange(count, dtype=np.int32)
    reads = tuple(
        steps.repeat(_item_bytes(source))
        if source.elements == count
        else np.full(source.size_bytes, count, np.int32)
        for source in inputs
    )
    return AccessOrder(reads, steps.repeat(_item_bytes(output)))


def pixel_blocks(pixels: int, most: int = 4) -> Steps:
    """The step of each pixel where four are taken at a time, or at most two, then two, then one."""
    if most == 2:
        return np.arange(pixels, dtype=np.int32) // 2
    whole = pixels // 4 * 4
    rest = [0, 0, 1] if pixels - whole == 3 else [0] * (pixels - whole)
    steps = [*(pixel // 4 for pixel in range(whole)), *(whole // 4 + step for step in rest)]
    return np.array(steps, np.int32)


def pixel_by_pixel(steps: Steps, depth: int, channels: int) -> AccessOrder:
    """A pixel of the output depends on that pixel of the input.

    Args:
        steps: of each pixel. depth, channels: bytes of a pixel of the input and of the output.
    """
    return AccessOrder((steps.repeat(depth),), steps.repeat(channels))


def by_windows(
    steps: Steps, window: Window, image: tuple[int, int, int], channels: int
) -> AccessOrder:
    """A pixel of the output depends on all channels of its window.

    Args:
        steps: [height, width] of the output. image: (height, width, bytes of a pixel).
        channels: bytes of a pixel of the output.
    """
    last = np.full(image[:2], NEVER, np.int32)
    for tap_row in range(window.size[0]):
        rows = _inside(steps.shape[0], tap_row, image[0], window, 0)
        for tap_column in range(window.size[1]):
            columns = _inside(steps.shape[1], tap_column, image[1], window, 1)
            there = np.ix_(rows[1], columns[1])
            last[there] = np.maximum(last[there], steps[np.ix_(rows[0], columns[0])])
    return AccessOrder((last.reshape(-1).repeat(image[2]),), steps.reshape(-1).repeat(channels))


def by_windows_of_a_channel(window: Window, source: Tensor, output: Tensor) -> AccessOrder:
    """A number of the output depends on its window's numbers of the same channel; one at a time."""
    _, height, width, channels = output.shape
    pixels = np.arange(height * width, dtype=np.int32).reshape(height, width)
    _, rows, columns, _ = source.shape
    last = by_windows(pixels, window, (rows, columns, 1), 1).reads[0][:, None]
    channel = np.arange(channels, dtype=np.int32)
    steps = np.where(last == NEVER, NEVER, last * channels + channel).astype(np.int32)
    writes = np.arange(output.elements, dtype=np.int32)
    size = _item_bytes(output)
    return AccessOrder((steps.reshape(-1).repeat(size),), writes.repeat(size))


def by_windows_of_all_channels(window: Window, source: Tensor, output: Tensor) -> AccessOrder:
    """A number of the output depends on all channels of its window; one at a time."""
    _, height, width, channels = output.shape
    _, rows, columns, depth = source.shape
    last_of_pixel = (np.arange(height * width, dtype=np.int32) + 1) * channels - 1
    size = _item_bytes(source)
    reads = by_windows(
        last_of_pixel.reshape(height, width), window, (rows, columns, depth * size), 1
    ).reads
    writes = np.arange(output.elements, dtype=np.int32)
    return AccessOrder(reads, writes.repeat(_item_bytes(output)))


def _inside(count: int, tap: int, limit: int, window: Window, axis: int) -> tuple[Any, Any]:
    """Along an axis, outputs whose tap is inside of the image, and where that is."""
    outputs = np.arange(count)
    places = outputs * window.strides[axis] - window.padding[axis] + tap * window.dilation[axis]
    good = (places >= 0) & (places < limit)
    return outputs[good], places[good]


def _item_bytes(tensor: Tensor) -> int:
    return np.dtype(tensor.dtype).itemsize

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Weights and scratch of depthwise convolutions, as the C kernels have them.

zephyr_app/include/microtvm/kernels/depthwise.h tells the layouts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.operators import Window
from microtvm.compiler.packed_words import Words, as_words, narrowed, wrapped
from microtvm.compiler.packing import Packed, Product, rescale_parameters

Array = npt.NDArray[Any]

CELL_BYTES = 16  # a pair of rows of four channels
OTHER_WORDS = 4  # of an int8 output channel: its bias and three parameters of its scale
# README.md has what larger and smaller planes cost.
MOST_PLANE_BYTES = 4096


@dataclass(frozen=True)
class DepthwiseShape:
    """What the scratch depends on.

    Attributes:
        output: (height, width).
        has_short_sums: of 32 bits, which the kernels of 3 x 3 need.
    """

    output: tuple[int, int]
    window: Window
    has_short_sums: bool = True

    @property
    def kernel(self) -> str:
        """Stands in the name of the C function."""
        window = self.window
        is_plain = window.size == (3, 3) and window.dilation == (1, 1)
        if self.has_short_sums and is_plain and window.strides in ((1, 1), (2, 2)):
            return f"3x3s{window.strides[0]}"
        return "any"

    @property
    def pairs(self) -> int:
        """Of output rows: two are computed at a time."""
        return -(-self.output[0] // 2)

    @property
    def depth(self) -> int:
        """Rows of cells that a pair of output rows reads."""
        return _depth(self.window)

    @property
    def is_tall(self) -> bool:
        """One column: its pairs of rows are computed as if they were in one row."""
        window = self.window
        return self.output[1] == 1 and window.size[1] == 1 and window.strides[0] == 1

    @property
    def row_cells(self) -> int:
        """Two columns of output are computed at least, if only one is kept."""
        window = self.window
        if self.is_tall:
            return 1
        columns = max(self.output[1], 2)
        return (columns - 1) * window.strides[1] + (window.size[1] - 1) * window.dilation[1] + 1

    @property
    def weight_words(self) -> int:
        """Of an output channel, with 16 bits a weight."""
        return 6 if self.kernel != "any" else 2 * self.depth * self.window.size[1]

    @property
    def shared_rows(self) -> int:
        """Rows of cells that a band has in common with the next one."""
        return max(0, self.depth - self.window.strides[0])

    @property
    def shared_cells(self) -> int:
        return self.shared_rows * self.row_cells

    def cells(self, band: int) -> int:
        """Of the plane of a band."""
        return (self.depth + (band - 1) * self.window.strides[0]) * self.row_cells


def depthwise_bands(shape: DepthwiseShape, plane_bytes: int = MOST_PLANE_BYTES) -> tuple[int, ...]:
    """The values that the argument `band` may have, how many pairs of output rows are a band.

    A band's plane keeps to `plane_bytes`, but for the smallest; of those with as many bands, the
    smallest is there.
    """
    sizes = sorted({-(-shape.pairs // count) for count in range(1, shape.pairs + 1)})
    fitting = [size for size in sizes if _plane_bytes(shape, size) <= plane_bytes]
    return tuple(fitting) or (1,)


def depthwise_scratch_bytes(
    shape: DepthwiseShape, weight_bits: int, band: int, other_words: int = OTHER_WORDS
) -> int:
    """Of microtvm_depthwise_<kernel>_s8_<form>, and of s16.

    Args:
        other_words: of an output channel, besides its weights.
    """
    weights = (shape.weight_words + other_words) * 4 if weight_bits == 8 else 0
    return weights + _plane_bytes(shape, band)


def pack_depthwise(product: Product, window: Window, weight_bits: int) -> Packed:
    """For microtvm_depthwise_<kernel>_s8_<form>.

    Args:
        product: its K are the taps, row by row.
        weight_bits: 8 or 16.
    """
    parameters, is_fast = rescale_parameters(product)
    factor = 2 if is_fast else 1
    # Weights of 8 bits are doubled when they are widened.
    doubled = product.weights.astype(np.int64) * (factor if weight_bits == 16 else 1)
    weights = depthwise_weights(doubled, DepthwiseShape((1, 1), window), weight_bits)
    bias = product.bias.astype(np.int64)[:, None] * factor
    parts = (wrapped(bias), weights, wrapped(parameters))
    return Packed(_form(product, weight_bits, is_fast), np.concatenate(parts, axis=1).reshape(-1))


def depthwise_weights(weights: Array, shape: DepthwiseShape, weight_bits: int) -> Words:
    """Integers [channels, taps] as words [channels, n].

    Raises:
        ValueError: the weights need more bits.
    """
    channels = len(weights)
    pairs = _pairs(weights.reshape(channels, *shape.window.size), shape)
    if weight_bits == 8:
        # Bytes 0 and 2 are one pair, 1 and 3 the other one.
        pairs = pairs.swapaxes(-1, -2)
    return as_words(narrowed(pairs, f"<i{weight_bits // 8}")).reshape(channels, -1)


def _form(product: Product, weight_bits: int, is_fast: bool) -> str:
    if not is_fast:
        return f"w{weight_bits}_twice_any"
    # The least output is the zero point, as rescale.h tells.
    return f"w{weight_bits}_relu" if product.zero_point == -128 else f"w{weight_bits}_twice"


def _plane_bytes(shape: DepthwiseShape, band: int) -> int:
    return (shape.cells(band) + 1) * CELL_BYTES


def _depth(window: Window) -> int:
    rows = window.strides[0] + (window.size[0] - 1) * window.dilation[0] + 1
    return -(-rows // 2)


def _pairs(kernel: Array, shape: DepthwiseShape) -> Array:
    """[channels, taps, 2 words, 2 halves]."""
    channels, height, width = kernel.shape
    window = shape.window
    if shape.kernel != "any":
        columns = kernel.transpose(0, 2, 1)
        return np.stack([columns[:, :, :2], columns[:, :, 1:]], axis=2)
    depth = _depth(window)
    result = np.zeros((2, channels, 2 * depth, width), np.int64)
    for output in range(2):
        start = output * window.strides[0]
        stop = start + (height - 1) * window.dilation[0] + 1
        result[output, :, start : stop : window.dilation[0]] = kernel
    split = result.reshape(2, channels, depth, 2, width)
    return split.transpose(1, 2, 4, 0, 3).reshape(channels, depth * width, 2, 2)

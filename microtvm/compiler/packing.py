# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Weights, biases and scales in the order in which the C kernels read them.

The layouts are told in zephyr_app/include/microtvm/kernels/: block.h for matrix products and
convolutions, dense_s8.h for one vector, rescale.h for the parameters of an output channel.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import (
    FixedPoints,
    multiply_once_rounded,
    multiply_twice_rounded,
)
from microtvm.compiler.operators import Window
from microtvm.compiler.packed_words import (
    Words,
    as_words,
    narrowed,
    padded,
    padded_rows,
    wrapped,
)

Array = npt.NDArray[Any]

_GROUP = 4  # numbers of K that a kernel takes at a time
_BLOCK_BYTES_A_GROUP = 32  # 4 pixels of 4 numbers of 16 bits
_DENSE_ROWS = 4
_DENSE_DEPTH = 8
_READ_AHEAD_BYTES = 16
_LARGEST_INPUT = 128
# The fast rescaling doubles a sum, and adds to what is left of 31 bits.
_SUM_LIMIT = 1 << 30
_LARGEST_SHIFT = 22


class Rounding(enum.Enum):
    """How TFLite's reference kernels round: twice in convolutions, once in FULLY_CONNECTED."""

    ONCE = "once"
    TWICE = "twice"


@dataclass(frozen=True, eq=False)
class Product:
    """What the output channels of a layer compute from K inputs each.

    Attributes:
        weights: [channels, K] integers; a dense layer's may have their zero point subtracted.
        bias: int32 [channels]; holds the input's zero point.
        zero_point: of the output.
    """

    weights: Array
    bias: Array
    rescale: FixedPoints
    zero_point: int
    rounding: Rounding


@dataclass(frozen=True, eq=False)
class Packed:
    """A constant for a kernel.

    Attributes:
        form: the end of the name of the C function that reads it, such as "w16_twice".
    """

    form: str
    words: Words


def matmul_scratch_bytes(depth: int, pixels: int = 4) -> int:
    """Of microtvm_matmul_s8, or with 2 pixels at a time of microtvm_matmul_pairs_s8."""
    if pixels == 2:
        return -(-depth // _GROUP) * _BLOCK_BYTES_A_GROUP // 2
    return -(-depth // _GROUP) * _BLOCK_BYTES_A_GROUP + _READ_AHEAD_BYTES


def conv2d_scratch_bytes(window: Window, channels: int, pixel_stride: int, out_width: int) -> int:
    """Of microtvm_conv2d_s8: where taps are not whole groups, also copies of rows and a table.

    Args:
        channels: of a group. pixel_stride: of all groups.
    """
    depth = window.size[0] * window.size[1] * channels
    if channels % _GROUP == 0 and pixel_stride % _GROUP == 0:
        return matmul_scratch_bytes(depth)
    columns = (out_width - 1) * window.strides[1] + (window.size[1] - 1) * window.dilation[1] + 1
    # The image's part of a row begins at a multiple of 4.
    row_bytes = padded(columns * pixel_stride + 3, 4)
    table = 0 if is_in_runs(window, channels, pixel_stride) else padded(depth, _GROUP) * 4
    return matmul_scratch_bytes(depth) + table + window.size[0] * row_bytes


def is_in_runs(window: Window, channels: int, pixel_stride: int) -> bool:
    """Whether what a row of the kernel reads are neighbours and whole groups: no table is needed.

    Args:
        channels: of a group. pixel_stride: of all groups.
    """
    columns = window.size[1]
    are_neighbours = channels == pixel_stride and (window.dilation[1] == 1 or columns == 1)
    return are_neighbours and columns * channels % _GROUP == 0


def dense_scratch_bytes(depth: int) -> int:
    """Of microtvm_dense_s8."""
    return padded(depth, _DENSE_DEPTH) * 2 + _READ_AHEAD_BYTES


def pack_matmul(product: Product, weight_bits: int, groups: int = 1) -> Packed:
    """For microtvm_matmul_s8 and microtvm_conv2d_s8.

    Args:
        weight_bits: 8 or 16.
        groups: the channels fall into so many groups of the same size, each packed by itself.

    Raises:
        ValueError: the weights need more bits.
    """
    if weight_bits not in (8, 16):
        raise ValueError(f"weights of {weight_bits} bits; expected 8 or 16")
    parameters, fast = rescale_parameters(product)
    doubled = weight_bits == 16 and fast and product.rounding is Rounding.TWICE
    factor = 2 if doubled else 1
    count = len(product.weights) // groups
    words = []
    for start in range(0, len(product.weights), count):
        part = slice(start, start + count)
        words.append(
            _pack_pairs(
                product.weights[part].astype(np.int64) * factor,
                product.bias[part].astype(np.int64) * factor,
                parameters[part],
                weight_bits,
            )
        )
    return Packed(_form(f"w{weight_bits}", product, fast), np.concatenate(words))


def pack_dense(product: Product, weights_zero_point: int = 0) -> Packed:
    """For microtvm_dense_s8, which takes int8 weights and their zero point.

    The kernel multiplies sums of neighbours, (x1 + w0) * (x0 + w1): what that adds of weights
    alone leaves the bias here.

    Raises:
        ValueError: the weights need more than 8 bits.
    """
    parameters, fast = rescale_parameters(product)
    stored = product.weights.astype(np.int64) + weights_zero_point
    rows = padded_rows(stored, _DENSE_ROWS, _DENSE_DEPTH)
    bias = padded_rows(product.bias.astype(np.int64)[:, None], _DENSE_ROWS, 1)[:, 0]
    bias = bias - (rows[:, 0::2] * rows[:, 1::2]).sum(axis=1)
    blocks = len(rows) // _DENSE_ROWS
    grouped = rows.reshape(blocks, _DENSE_ROWS, -1, _GROUP).transpose(0, 2, 1, 3)
    scales = padded_rows(parameters, _DENSE_ROWS, 1)
    words = (
        wrapped(bias).reshape(blocks, -1),
        as_words(narrowed(grouped, "<i1")).reshape(blocks, -1),
        wrapped(scales).reshape(blocks, -1),
    )
    return Packed(_form("w8", product, fast), np.concatenate(words, axis=1).reshape(-1))


def rescale_parameters(product: Product) -> tuple[Array, bool]:
    """Three numbers an output channel, and whether they are those of the fast forms (rescale.h)."""
    fast = _fast_parameters(product)
    if fast is not None:
        return fast, True
    rescale = product.rescale
    zero_points = np.full(len(rescale.shift), product.zero_point)
    return np.stack([rescale.multiplier, zero_points, rescale.shift], axis=1), False


def is_fast(product: Product) -> bool:
    """Whether the fast forms of rescale.h take every channel."""
    return _fast_parameters(product) is not None


def _fast_parameters(product: Product) -> Array | None:
    """Multiplier, addend, shift to the right; None if a channel needs the forms for any scale."""
    weights = np.abs(product.weights.astype(np.int64)).sum(axis=1)
    largest = np.abs(product.bias.astype(np.int64)) + _LARGEST_INPUT * weights
    multiplier = product.rescale.multiplier.astype(np.int64)
    # Rounding once, the product's low word drops out, and with it one bit more than by doubling.
    extra = 1 if product.rounding is Rounding.ONCE else 0
    shift = -product.rescale.shift.astype(np.int64) - extra
    result = np.empty((len(multiplier), 3), np.int64)
    constants = _constant_outputs(product)
    channels = zip(largest.tolist(), multiplier.tolist(), shift.tolist(), strict=True)
    for channel, (bound, factor, power) in enumerate(channels):
        # A pruned channel's scale may be so small that its bias is near 2^31.
        if not weights[channel]:
            result[channel] = (0, 2 * int(constants[channel]) + 1, 1)
        # Less than half in absolute value: always the zero point.
        elif factor == 0 or (power > 0 and (bound * factor >> 31) + 1 < 1 << (power - 1)):
            result[channel] = (0, 2 * product.zero_point + 1, 1)
        elif bound < _SUM_LIMIT and factor > 0 and 0 < power <= _LARGEST_SHIFT:
            addend = (1 << (power - 1)) + (product.zero_point << power)
            result[channel] = (factor, addend, power)
        else:
            return None
    return result


def _constant_outputs(product: Product) -> Array:
    """What each channel's output is where all of its weights are zero."""
    once = product.rounding is Rounding.ONCE
    rounded = multiply_once_rounded if once else multiply_twice_rounded
    scaled = rounded(product.bias, product.rescale.multiplier, product.rescale.shift)
    return np.clip(scaled + product.zero_point, -128, 127)


def _form(width: str, product: Product, fast: bool) -> str:
    if fast and product.rounding is Rounding.TWICE and product.zero_point == -128:
        return f"{width}_relu"
    return f"{width}_{product.rounding.value}" + ("" if fast else "_any")


def _pack_pairs(weights: Array, bias: Array, parameters: Array, weight_bits: int) -> Words:
    rows = padded_rows(weights, 2, _GROUP)
    pairs = len(rows) // 2
    if weight_bits == 8:
        grouped = rows.reshape(pairs, 2, -1, _GROUP).transpose(0, 2, 1, 3)
    else:
        # Number k of a group is half k // 2 of the pair k % 2.
        grouped = rows.reshape(pairs, 2, -1, 2, 2).transpose(0, 2, 4, 1, 3)
    words = (
        wrapped(padded_rows(bias[:, None], 2, 1)).reshape(pairs, -1),
        as_words(narrowed(grouped, f"<i{weight_bits // 8}")).reshape(pairs, -1),
        wrapped(padded_rows(parameters, 2, 1)).reshape(pairs, -1),
    )
    return np.concatenate(words, axis=1).reshape(-1)

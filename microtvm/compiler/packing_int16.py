# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Weights, biases and scales of layers of int16 activations, as the C kernels read them.

The layouts are told in zephyr_app/include/microtvm/kernels/: block_s16.h for matrix products and
convolutions, dense_s16.h for one vector, depthwise.h and depthwise_dsp_s16.h, and rescale_s16.h for
the parameters of an output channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microtvm.compiler.fixed_point import FixedPoints, multiply_int16, reduced_multiplier
from microtvm.compiler.operators import Window
from microtvm.compiler.packed_words import (
    Array,
    Words,
    as_words,
    narrowed,
    padded,
    padded_rows,
    wrapped,
    wrapped_twice,
)
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_depthwise import DepthwiseShape, depthwise_weights
from microtvm.compiler.wide_fixed_point import WideFixedPoints

_GROUP = 4  # numbers of K that a kernel takes at a time
_DENSE_ROWS = 4
_DENSE_DEPTH = 8
_LARGEST_INPUT = 1 << 15
_ACC32_LIMIT = 1 << 31
# Shifts that SMMULR, which shifts by 32, can stand for.
_ACC32_SHIFTS = (16, 32)
# Bytes 0, 2, 1, 3 of a group: SXTB16 widens the even ones, then the odd ones.
_BYTE_ORDER = [0, 2, 1, 3]


@dataclass(frozen=True, eq=False)
class Int16Product:
    """What the output channels of a layer compute from K int16 inputs each.

    Attributes:
        weights: [channels, K] integers of 8 or 16 bits.
        bias: int64 [channels], or int32 where TFLite keeps sums in 32 bits and rounds twice.
        rescale: WideFixedPoints for FULLY_CONNECTED, FixedPoints for convolutions.
    """

    weights: Array
    bias: Array
    rescale: FixedPoints | WideFixedPoints

    @property
    def weight_bits(self) -> int:
        """The least that holds the weights, 8 or 16."""
        lowest, highest = int(self.weights.min()), int(self.weights.max())
        return 8 if lowest >= -128 and highest <= 127 else 16

    @property
    def largest_sums(self) -> Array:
        """int64 [channels], in absolute value, bias included."""
        weights: Array = np.abs(self.weights.astype(np.int64)).sum(axis=1)
        return weights * _LARGEST_INPUT + np.abs(self.bias.astype(np.int64))


@dataclass(frozen=True, eq=False)
class Scaling:
    """How a layer's sums are kept and rescaled.

    Attributes:
        kind: the end of the name of the C function, such as "acc32".
        bias: integers [channels]; where sums have 32 bits, constant channels have another one.
        parameters: words [channels, 1 or 4] (rescale_s16.h).
    """

    kind: str
    bias: Array
    parameters: Words

    @property
    def bias_words(self) -> Words:
        """[channels, 1 or 2]."""
        if self.kind == "acc32":
            return wrapped(self.bias)[:, np.newaxis]
        return wrapped_twice(self.bias)

    @property
    def other_words(self) -> int:
        """Of a channel, besides its weights."""
        return int(self.bias_words.shape[1] + self.parameters.shape[1])


def product_scratch_bytes_int16(depth: int) -> int:
    """Of microtvm_conv2d_s16 and microtvm_matmul_s16: a patch, and what is read beyond it."""
    return padded(depth, _GROUP) * 8 + 16


def dense_scratch_bytes_int16(depth: int) -> int:
    """Of microtvm_dense_s16."""
    return padded(depth, _DENSE_DEPTH) * 2


def pack_product_int16(product: Int16Product, weight_bits: int, groups: int = 1) -> Packed:
    """For microtvm_conv2d_s16 and microtvm_matmul_s16.

    Args:
        weight_bits: 8 or 16.
        groups: the channels fall into so many groups of the same size, each packed by itself.

    Raises:
        ValueError: the weights need more bits.
    """
    scaling = product_scaling(product)
    count = len(product.weights) // groups
    words = []
    for start in range(0, len(product.weights), count):
        part = slice(start, start + count)
        rows = padded_rows(product.weights[part], 2, _GROUP)
        weights = _grouped(rows, 2, weight_bits)
        bias, parameters = (
            _blocked(values[part], 2) for values in (scaling.bias_words, scaling.parameters)
        )
        words.append(np.concatenate([bias, weights, parameters], axis=1).reshape(-1))
    return Packed(f"w{weight_bits}_{scaling.kind}", np.concatenate(words))


def pack_dense_int16(product: Int16Product, weight_bits: int) -> Packed:
    """For microtvm_dense_s16, which rounds as FULLY_CONNECTED does.

    Raises:
        ValueError: the weights need more bits.
    """
    assert isinstance(product.rescale, WideFixedPoints)
    is_short = bool((product.largest_sums < _ACC32_LIMIT).all())
    kind = "acc32" if is_short else "acc64"
    bias = Scaling(kind, product.bias, _wide_parameters(product.rescale)).bias_words
    rows = padded_rows(product.weights, _DENSE_ROWS, _DENSE_DEPTH)
    parts = (
        _blocked(bias, _DENSE_ROWS),
        _grouped(rows, _DENSE_ROWS, weight_bits),
        _blocked(_wide_parameters(product.rescale), _DENSE_ROWS),
    )
    return Packed(f"w{weight_bits}_{kind}", np.concatenate(parts, axis=1).reshape(-1))


def pack_depthwise_int16(product: Int16Product, window: Window, weight_bits: int) -> Packed:
    """For microtvm_depthwise_<kernel>_s16_<form>.

    Args:
        product: its K are the taps, row by row.
        weight_bits: 8 or 16.

    Raises:
        ValueError: the weights need more bits.
    """
    scaling = product_scaling(product)
    shape = depthwise_shape_int16(product, (1, 1), window)
    weights = depthwise_weights(product.weights, shape, weight_bits)
    parts = (scaling.bias_words, weights, scaling.parameters)
    words = np.concatenate(parts, axis=1).reshape(-1)
    return Packed(f"w{weight_bits}_{scaling.kind}", words)


def depthwise_shape_int16(
    product: Int16Product, output: tuple[int, int], window: Window
) -> DepthwiseShape:
    """With the kernel that takes the layer's sums."""
    return DepthwiseShape(output, window, product_scaling(product).kind == "acc32")


def product_scaling(product: Int16Product) -> Scaling:
    """The form that is fastest for the layer, and its channels' parameters."""
    rescale = product.rescale
    if isinstance(rescale, WideFixedPoints):
        return Scaling("wide", product.bias, _wide_parameters(rescale))
    if product.bias.dtype == np.int32:
        return Scaling("twice_s16", product.bias, _four(rescale.multiplier, rescale.shift))
    short = _acc32(product, rescale)
    if short is not None:
        return short
    reduced = reduced_multiplier(rescale.multiplier)
    total = 15 - rescale.shift.astype(np.int64)
    if (total < _ACC32_SHIFTS[0]).any():
        return Scaling("any", product.bias, _four(reduced, total))
    further = np.maximum(total, 32)
    addend = wrapped_twice(np.int64(1) << (further - 1))
    multiplier = reduced << (further - total)
    parameters = _four(multiplier, addend[:, 0], addend[:, 1], further - 32)
    return Scaling("acc64", product.bias, parameters)


def _acc32(product: Int16Product, rescale: FixedPoints) -> Scaling | None:
    """None if a channel needs sums of 64 bits, or has a scale that SMMULR cannot stand for."""
    reduced = reduced_multiplier(rescale.multiplier)
    total = 15 - rescale.shift.astype(np.int64)
    largest = product.largest_sums
    bias = product.bias.astype(np.int64)
    constants = np.clip(
        multiply_int16(bias, rescale.multiplier, rescale.shift), -(2**15), 2**15 - 1
    )
    is_constant = ~product.weights.any(axis=1)
    # Less than half in absolute value. Python's integers do not wrap around.
    is_zero = np.array(
        [
            int(bound) * int(factor) < 1 << (int(power) - 1)
            for bound, factor, power in zip(largest, reduced, total, strict=True)
        ]
    )
    is_short = (largest < _ACC32_LIMIT) & (total >= _ACC32_SHIFTS[0]) & (total <= _ACC32_SHIFTS[1])
    if not (is_constant | is_zero | is_short).all():
        return None
    multiplier = np.where(is_zero, 0, reduced << np.clip(32 - total, 0, 16))
    # (constant << 16) * 2**16 / 2**32.
    return Scaling(
        "acc32",
        np.where(is_constant, constants << 16, bias),
        wrapped(np.where(is_constant, 1 << 16, multiplier))[:, np.newaxis],
    )


def _wide_parameters(rescale: WideFixedPoints) -> Words:
    return _four(rescale.high, rescale.low.astype(np.int64), rescale.shift)


def _four(*values: Array) -> Words:
    """[channels, 4], zeros in the place of what there is not."""
    result = np.zeros((len(values[0]), 4), np.int64)
    for index, value in enumerate(values):
        result[:, index] = value
    return wrapped(result)


def _blocked(words: Words, rows: int) -> Words:
    """[channels, n] as [blocks, rows * n]; the last channel fills up the last block."""
    whole = np.pad(words, ((0, padded(len(words), rows) - len(words)), (0, 0)), mode="edge")
    return whole.reshape(len(whole) // rows, -1)


def _grouped(weights: Array, rows: int, weight_bits: int) -> Words:
    """[channels, K] as [blocks, words]: the rows of a block take turns by a word of weights."""
    blocks = len(weights) // rows
    groups = weights.reshape(blocks, rows, -1, _GROUP)
    if weight_bits == 8:
        values = narrowed(groups[..., _BYTE_ORDER].transpose(0, 2, 1, 3), "<i1")
    else:
        pairs = groups.reshape(blocks, rows, -1, 2, 2)
        values = narrowed(pairs.transpose(0, 2, 3, 1, 4), "<i2")
    return as_words(values).reshape(blocks, -1)

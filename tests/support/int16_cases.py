# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random products of int16 for tests/kernels/products_s16.c, with what numpy gives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoints, multiply_int16, multiply_twice_rounded
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_int16 import (
    Int16Product,
    dense_scratch_bytes_int16,
    pack_dense_int16,
    pack_product_int16,
    product_scratch_bytes_int16,
)
from microtvm.compiler.wide_fixed_point import WideFixedPoints, multiply_wide, saturate_int32
from support.product_cases import Case, Convolution, patches_of

Array = npt.NDArray[Any]

_MATMUL, _CONV2D, _DENSE = 0, 1, 2
# The orders of MICROTVM_FOR_EACH_S16 and of MICROTVM_FOR_EACH_DENSE_S16.
_FORMS = (
    *("w8_acc32", "w16_acc32", "w8_acc64", "w16_acc64", "w8_any", "w16_any"),
    *("w8_twice_s16", "w16_twice_s16", "w8_wide", "w16_wide"),
)
_DENSE_FORMS = ("w8_acc32", "w16_acc32", "w8_acc64", "w16_acc64")
_INT16 = (-(2**15), 2**15 - 1)
_NARROW = (-9000, 21000)


@dataclass(frozen=True)
class Int16Layer:
    """What a random layer is like beyond its shape.

    Attributes:
        rescale: "reduced" for convolutions, "twice" with an int32 bias, "wide" for dense layers.
        weight_bits: of the random weights; packed_bits: of the packed ones.
        coarseness: outputs are about so many times what int16 holds; small ones, small numbers.
        largest_bias: in absolute value.
        is_saturated: weights and inputs are extreme.
    """

    rescale: str = "reduced"
    weight_bits: int = 8
    packed_bits: int = 8
    coarseness: float = 1.0
    largest_bias: int = 1 << 20
    clamp: tuple[int, int] = _INT16
    is_saturated: bool = False


def draw_int16_layer(draw: np.random.Generator, rescale: str) -> Int16Layer:
    """Of any kind that has the rescale."""
    weight_bits = int(draw.choice([8, 8, 8, 16]))
    return Int16Layer(
        rescale=rescale,
        weight_bits=weight_bits,
        packed_bits=16 if weight_bits == 16 else int(draw.choice([8, 16])),
        coarseness=float(draw.choice([0.001, 0.2, 0.2, 0.2, 300])),
        largest_bias=int(draw.choice([1, 1 << 20, 1 << 31])) if rescale != "twice" else 1 << 20,
        clamp=_NARROW if draw.integers(3) == 0 else _INT16,
        is_saturated=bool(draw.integers(4) == 0),
    )


def is_varied(outputs: Array) -> bool:
    """Whether many of the outputs of a layer that was drawn so are neither bounds nor zero."""
    return float(np.isin(outputs, (*_INT16, *_NARROW, 0)).mean()) < 0.7


def draw_int16_product(
    draw: np.random.Generator, channels: int, depth: int, layer: Int16Layer
) -> Int16Product:
    """Random weights, biases and scales; some channels are pruned or hardly seen."""
    limit = 1 << (layer.weight_bits - 1)
    weights = draw.integers(-limit, limit, (channels, depth))
    if layer.is_saturated:
        weights = draw.choice([-limit, limit - 1], (channels, depth))
    spread = 2.0 ** draw.uniform(-3, 1, channels)
    # A product of random numbers is about a third of the largest one squared.
    scales = layer.coarseness * 3 * spread / (limit * np.sqrt(depth))
    if channels > 2:
        weights[draw.integers(channels)] = 0
        scales[draw.integers(channels)] = 2.0**-31
    # Of 16 bits after the comma, or so that dense layers' results fit 32 bits.
    scales = np.clip(scales, 2.0**-31, 0.9 if layer.rescale == "wide" else 2.0**13)
    bias = draw.integers(-layer.largest_bias, layer.largest_bias, channels)
    return Int16Product(
        weights=weights,
        bias=bias.astype(np.int32 if layer.rescale == "twice" else np.int64),
        rescale=_wide(draw, scales) if layer.rescale == "wide" else FixedPoints.from_reals(scales),
    )


def _wide(draw: np.random.Generator, scales: Array) -> WideFixedPoints:
    """Of these scales, with random last bits."""
    mantissas, shifts = np.frexp(scales)
    multipliers = (mantissas * 2.0**63).astype(np.int64) + draw.integers(0, 1 << 10, scales.size)
    return WideFixedPoints(multipliers, shifts.astype(np.int32))


def draw_int16(draw: np.random.Generator, shape: tuple[int, ...], layer: Int16Layer) -> Array:
    """Random int16."""
    if layer.is_saturated:
        return draw.choice(np.array(_INT16, np.int16), shape)
    return draw.integers(-(2**15), 2**15, shape).astype(np.int16)


def int16_outputs(product: Int16Product, sums: Array, clamp: tuple[int, int]) -> Array:
    """[..., channels] sums with their bias to int16."""
    rescale = product.rescale
    if isinstance(rescale, WideFixedPoints):
        scaled = multiply_wide(saturate_int32(sums), rescale.multiplier, rescale.shift)
    elif product.bias.dtype == np.int32:
        scaled = multiply_twice_rounded(sums.astype(np.int32), rescale.multiplier, rescale.shift)
    else:
        scaled = multiply_int16(sums, rescale.multiplier, rescale.shift)
    return np.clip(scaled, *clamp).astype(np.int16)


def _outputs_of(product: Int16Product, patches: Array, clamp: tuple[int, int]) -> Array:
    sums = patches.astype(np.int64) @ product.weights.T + product.bias.astype(np.int64)
    return int16_outputs(product, sums, clamp)


def matmul_int16_case(
    draw: np.random.Generator, shape: tuple[int, int, int], layer: Int16Layer
) -> Case:
    """Pixels, depth and channels."""
    pixels, depth, channels = shape
    product = draw_int16_product(draw, channels, depth, layer)
    data = draw_int16(draw, (pixels, depth), layer)
    return _case(
        draw,
        operation=_MATMUL,
        arguments=(*shape, *layer.clamp),
        data=data,
        packed=pack_product_int16(product, layer.packed_bits),
        scratch_bytes=product_scratch_bytes_int16(depth),
        expected=_outputs_of(product, data, layer.clamp),
    )


def dense_int16_case(draw: np.random.Generator, shape: tuple[int, int], layer: Int16Layer) -> Case:
    """Depth and rows."""
    depth, rows = shape
    product = draw_int16_product(draw, rows, depth, layer)
    data = draw_int16(draw, (1, depth), layer)
    case = _case(
        draw,
        operation=_DENSE,
        arguments=(*shape, *layer.clamp),
        data=data,
        packed=pack_dense_int16(product, layer.packed_bits),
        scratch_bytes=dense_scratch_bytes_int16(depth),
        expected=_outputs_of(product, data, layer.clamp),
    )
    return replace(case, forms=_DENSE_FORMS)


def conv2d_int16_case(draw: np.random.Generator, shape: Convolution, layer: Int16Layer) -> Case:
    """A whole layer, in calls of some rows of one group."""
    window, (read, written) = shape.window, shape.channels
    depth = window.size[0] * window.size[1] * read
    product = draw_int16_product(draw, written * shape.groups, depth, layer)
    data = draw_int16(draw, (*shape.image, read * shape.groups), layer)
    packed = pack_product_int16(product, layer.packed_bits, shape.groups)
    height, width = shape.output
    return _case(
        draw,
        operation=_CONV2D,
        arguments=(
            *(*shape.image, read, read * shape.groups, *window.size, *window.strides),
            *(*window.dilation, *window.padding[:2], width),
            *(written, written * shape.groups, *layer.clamp, shape.groups),
            *(shape.rows_a_call, height, packed.words.size // shape.groups),
        ),
        data=data,
        packed=packed,
        scratch_bytes=product_scratch_bytes_int16(depth),
        expected=_convolve(product, data, shape, layer.clamp),
    )


def _convolve(
    product: Int16Product, data: Array, shape: Convolution, clamp: tuple[int, int]
) -> Array:
    weights = product.weights.reshape(shape.groups, shape.channels[1], -1)
    sums = patches_of(data, shape, 0).astype(np.int64) @ weights.transpose(0, 2, 1)
    side_by_side = sums.transpose(1, 0, 2).reshape(sums.shape[1], -1)
    return int16_outputs(product, side_by_side + product.bias.astype(np.int64), clamp)


def draw_int16_offsets(draw: np.random.Generator) -> tuple[int, int]:
    """Of data and of output, half of the first aligned; int16 are at multiples of 2."""
    return int(draw.integers(4)) * 2 * int(draw.integers(2)), int(draw.integers(4)) * 2


def _case(
    draw: np.random.Generator,
    *,
    operation: int,
    arguments: tuple[int, ...],
    data: Array,
    packed: Packed,
    scratch_bytes: int,
    expected: Array,
) -> Case:
    offsets = draw_int16_offsets(draw)
    return Case(operation, arguments, data, packed, scratch_bytes, expected, offsets, _FORMS)

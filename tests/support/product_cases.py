# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random matrix products, convolutions and dense layers for tests/kernels/products.c, with what
numpy says that they give.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from microtvm.compiler.packing import (
    Packed,
    Product,
    Rounding,
    conv2d_scratch_bytes,
    dense_scratch_bytes,
    matmul_scratch_bytes,
    pack_dense,
    pack_matmul,
)

Array = npt.NDArray[Any]

_MATMUL, _CONV2D, _DENSE, _DENSE_DIRECT, _MATMUL_PAIRS, _END = 0, 1, 2, 3, 4, -1
_ARGUMENTS = 24
# The order of MICROTVM_FOR_EACH_BLOCKS.
_FORMS = (
    *("w8_twice", "w8_once", "w8_relu", "w16_twice", "w16_once", "w16_relu"),
    *("w8_twice_any", "w8_once_any", "w16_twice_any", "w16_once_any"),
)


@dataclass(frozen=True, eq=False)
class Case:
    """One call, or the calls that make one layer.

    Attributes:
        offsets: of data and of output, from a multiple of 8.
        forms: what the program knows, in its order.
    """

    operation: int
    arguments: tuple[int, ...]
    data: Array
    packed: Packed
    scratch_bytes: int
    expected: Array
    offsets: tuple[int, int]
    forms: tuple[str, ...] = _FORMS

    def encode(self) -> bytes:
        """As cases.h reads it."""
        header = (
            *(self.operation, self.forms.index(self.packed.form), *self.offsets),
            *(self.data.nbytes, self.packed.words.size),
            *(self.scratch_bytes, self.expected.nbytes),
            *self.arguments,
            *(0,) * (_ARGUMENTS - len(self.arguments)),
        )
        parts = (np.array(header, "<i4"), self.data, self.packed.words, self.expected)
        return b"".join(_to_words(part.tobytes()) for part in parts)


def encode_cases(cases: Iterable[Case]) -> bytes:
    """The file of a test program."""
    return b"".join(case.encode() for case in cases) + np.array(_END, "<i4").tobytes()


def _to_words(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


@dataclass(frozen=True)
class Layer:
    """What a random layer is like beyond its shape.

    Attributes:
        largest_scale: of the output channels; those of 1/2 and above need the slow forms.
        clamp: bounds of the output.
        is_saturated: weights and inputs are extreme.
        weights_zero_point: of a dense layer.
    """

    rounding: Rounding = Rounding.TWICE
    largest_scale: float = 0.02
    clamp: tuple[int, int] = (-128, 127)
    is_saturated: bool = False
    weights_zero_point: int = 0


def draw_product(draw: np.random.Generator, channels: int, depth: int, layer: Layer) -> Product:
    """Random weights, biases and scales."""
    if layer.is_saturated:
        weights = draw.choice([-128, 127], (channels, depth))
    else:
        weights = draw.integers(-128, 128, (channels, depth))
    scales = layer.largest_scale * 2.0 ** draw.uniform(-6, 0, channels)
    if channels > 2:
        scales[draw.integers(channels)] = 2.0**-30
    return Product(
        weights=weights - layer.weights_zero_point,
        bias=draw.integers(-30000, 30000, channels).astype(np.int32),
        rescale=FixedPoints.from_reals(scales),
        zero_point=int(draw.choice([-128, draw.integers(-127, 128)])),
        rounding=layer.rounding,
    )


def draw_inputs(draw: np.random.Generator, shape: tuple[int, ...], layer: Layer) -> Array:
    """Random int8."""
    if layer.is_saturated:
        return draw.choice(np.array([-128, 127], np.int8), shape)
    return draw.integers(-128, 128, shape).astype(np.int8)


def outputs_of(product: Product, patches: Array, clamp: tuple[int, int]) -> Array:
    """[pixels, depth] inputs to [pixels, channels] outputs."""
    sums = patches.astype(np.int64) @ product.weights.astype(np.int64).T + product.bias
    multiply = {
        Rounding.ONCE: multiply_once_rounded,
        Rounding.TWICE: multiply_twice_rounded,
    }[product.rounding]
    scaled = multiply(sums, product.rescale.multiplier, product.rescale.shift)
    return np.clip(scaled + product.zero_point, *clamp).astype(np.int8)


def matmul_case(
    draw: np.random.Generator,
    shape: tuple[int, int, int],
    layer: Layer,
    weight_bits: int,
    *,
    at_once: int = 4,
) -> Case:
    """Pixels, depth and channels; `at_once` is how many pixels a patch has."""
    pixels, depth, channels = shape
    product = draw_product(draw, channels, depth, layer)
    data = draw_inputs(draw, (pixels, depth), layer)
    return Case(
        operation=_MATMUL if at_once == 4 else _MATMUL_PAIRS,
        arguments=(*shape, *layer.clamp),
        data=data,
        packed=pack_matmul(product, weight_bits),
        scratch_bytes=matmul_scratch_bytes(depth, at_once),
        expected=outputs_of(product, data, layer.clamp),
        offsets=_offsets(draw),
    )


def dense_case(
    draw: np.random.Generator, shape: tuple[int, int], layer: Layer, *, direct: bool = False
) -> Case:
    """Depth and rows; `direct` is the kernel without scratch."""
    depth, rows = shape
    product = draw_product(draw, rows, depth, layer)
    data = draw_inputs(draw, (1, depth), layer)
    return Case(
        operation=_DENSE_DIRECT if direct else _DENSE,
        arguments=(depth, rows, layer.weights_zero_point, *layer.clamp),
        data=data,
        packed=pack_dense(product, layer.weights_zero_point),
        scratch_bytes=0 if direct else dense_scratch_bytes(depth),
        expected=outputs_of(product, data, layer.clamp),
        offsets=_offsets(draw),
    )


@dataclass(frozen=True)
class Convolution:
    """Shapes of a convolution; `channels` are those that one group reads and writes."""

    image: tuple[int, int]
    channels: tuple[int, int]
    window: Window
    groups: int
    rows_a_call: int

    @property
    def output(self) -> tuple[int, int]:
        """Height and width."""
        window = self.window
        height, width = (
            (size + before + after - dilation * (kernel - 1) - 1) // stride + 1
            for size, before, after, dilation, kernel, stride in zip(
                self.image,
                window.padding[:2],
                window.padding[2:],
                window.dilation,
                window.size,
                window.strides,
                strict=True,
            )
        )
        return height, width


def draw_window(draw: np.random.Generator) -> Window:
    """Kernels with and without rows and columns, strides, gaps and borders."""
    sizes = [(1, 1), (1, 4), (5, 1), (3, 3), (2, 3), (4, 2)]
    size = sizes[draw.integers(len(sizes))]
    one, two = (1, 1), (int(draw.integers(1, 4)), int(draw.integers(1, 4)))
    padding = (0, 0, 0, 0) if draw.integers(4) == 0 else tuple(draw.integers(0, 4, 4).tolist())
    return Window(
        size=size,
        strides=one if draw.integers(2) else two,
        dilation=two if draw.integers(4) == 0 else one,
        padding=(*padding,),
    )


def draw_convolution(draw: np.random.Generator) -> Convolution:
    """An image that is at least as large as its kernel, in groups and calls of some rows."""
    window = draw_window(draw)
    least = [d * (k - 1) + 1 for d, k in zip(window.dilation, window.size, strict=True)]
    image = (least[0] + int(draw.integers(0, 6)), least[1] + int(draw.integers(0, 9)))
    return Convolution(
        image=image,
        channels=(int(draw.choice([1, 2, 3, 4, 5, 8, 12])), int(draw.integers(1, 6))),
        window=window,
        groups=int(draw.choice([1, 1, 1, 2, 3])),
        rows_a_call=int(draw.integers(1, 5)),
    )


def conv2d_case(
    draw: np.random.Generator, shape: Convolution, layer: Layer, weight_bits: int
) -> Case:
    """A whole layer, in calls of some rows of one group."""
    window, (read, written) = shape.window, shape.channels
    zero_point = int(draw.integers(-128, 128))
    depth = window.size[0] * window.size[1] * read
    product = draw_product(draw, written * shape.groups, depth, layer)
    data = draw_inputs(draw, (*shape.image, read * shape.groups), layer)
    packed = pack_matmul(product, weight_bits, shape.groups)
    height, width = shape.output
    return Case(
        operation=_CONV2D,
        arguments=(
            *(*shape.image, read, read * shape.groups, *window.size, *window.strides),
            *(*window.dilation, *window.padding[:2], zero_point, width),
            *(written, written * shape.groups, *layer.clamp, shape.groups),
            *(shape.rows_a_call, height, packed.words.size // shape.groups),
        ),
        data=data,
        packed=packed,
        scratch_bytes=conv2d_scratch_bytes(window, read, read * shape.groups, width),
        expected=_convolve(product, data, shape, zero_point, layer.clamp),
        offsets=_offsets(draw),
    )


def _convolve(
    product: Product, data: Array, shape: Convolution, zero_point: int, clamp: tuple[int, int]
) -> Array:
    patches = patches_of(data, shape, zero_point)
    written = shape.channels[1]
    groups = []
    for group in range(shape.groups):
        part = slice(group * written, (group + 1) * written)
        own = Product(
            weights=product.weights[part],
            bias=product.bias[part],
            rescale=FixedPoints(product.rescale.multiplier[part], product.rescale.shift[part]),
            zero_point=product.zero_point,
            rounding=product.rounding,
        )
        groups.append(outputs_of(own, patches[group], clamp))
    return np.concatenate(groups, axis=1)


def patches_of(data: Array, shape: Convolution, zero_point: int) -> Array:
    """[groups, pixels, depth]."""
    window, (height, width) = shape.window, shape.output
    top, left, bottom, right = window.padding
    padded = np.pad(data, ((top, bottom), (left, right), (0, 0)), constant_values=zero_point)
    taps = [
        padded[
            y * window.dilation[0] :: window.strides[0],
            x * window.dilation[1] :: window.strides[1],
        ][:height, :width]
        for y in range(window.size[0])
        for x in range(window.size[1])
    ]
    stacked = np.stack(taps).reshape(len(taps), height * width, shape.groups, shape.channels[0])
    return stacked.transpose(2, 1, 0, 3).reshape(shape.groups, height * width, -1)


def _offsets(draw: np.random.Generator) -> tuple[int, int]:
    """Half of the cases aligned."""
    if draw.integers(2):
        return 0, int(draw.integers(4))
    return int(draw.integers(8)), int(draw.integers(4))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random depthwise convolutions for tests/kernels/channelwise.c, with what numpy gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoints, multiply_twice_rounded
from microtvm.compiler.operators import Window
from microtvm.compiler.packing import Product, Rounding
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_bands,
    depthwise_scratch_bytes,
    pack_depthwise,
)
from support.channelwise_cases import DEPTHWISE, Case, draw_offsets

Array = npt.NDArray[Any]

_KERNELS = ("3x3s1", "3x3s2", "any")
# The order of MICROTVM_FOR_EACH_DEPTHWISE_FORM.
_FORMS = ("w8_twice", "w8_relu", "w16_twice", "w16_relu", "w8_twice_any", "w16_twice_any")


@dataclass(frozen=True)
class Layer:
    """A depthwise convolution.

    Attributes:
        largest_scale: of the output channels; from 1/2 on they need the slow forms.
        plane_bytes: what the scratch should keep to.
        is_saturated: weights and inputs are extreme.
        is_relu: the zero point of the output is the least int8.
    """

    image: tuple[int, int]
    channels: int
    window: Window
    multiplier: int = 1
    weight_bits: int = 16
    largest_scale: float = 0.02
    clamp: tuple[int, int] = (-128, 127)
    plane_bytes: int = 4096
    is_saturated: bool = False
    is_relu: bool = False

    @property
    def output(self) -> tuple[int, int]:
        """Height and width."""
        window, (top, left, bottom, right) = self.window, self.window.padding
        sizes = (self.image[0] + top + bottom, self.image[1] + left + right)
        height, width = (
            (size - dilation * (kernel - 1) - 1) // stride + 1
            for size, dilation, kernel, stride in zip(
                sizes, window.dilation, window.size, window.strides, strict=True
            )
        )
        return height, width


def _draw_window(draw: np.random.Generator, kind: int) -> Window:
    if kind < 2:
        stride = kind + 1
        padding = tuple(int(n) for n in draw.integers(0, 3, 4))
        return Window((3, 3), (stride, stride), (1, 1), (*padding,))
    sizes = ((5, 5), (int(draw.integers(1, 11)), 1), (1, int(draw.integers(1, 8))), (2, 3))
    size = sizes[int(draw.integers(4))] if kind == 2 else tuple(draw.integers(1, 6, 2).tolist())
    strides = tuple(draw.integers(1, 4, 2).tolist()) if draw.integers(2) else (1, 1)
    dilation = tuple(draw.integers(1, 4, 2).tolist()) if draw.integers(3) == 0 else (1, 1)
    padding = tuple(int(n) for n in draw.integers(0, 4, 4))
    return Window(size, strides, dilation, padding)


def _draw_image(draw: np.random.Generator, window: Window) -> tuple[int, int]:
    """Of any size that gives one output at least."""
    top, left, bottom, right = window.padding
    reach = [(size - 1) * step + 1 for size, step in zip(window.size, window.dilation, strict=True)]
    least = (max(1, reach[0] - top - bottom), max(1, reach[1] - left - right))
    width = 0 if window.size[1] == 1 and draw.integers(2) else int(draw.integers(0, 12))
    return least[0] + int(draw.integers(0, 12)), least[1] + width


def draw_depthwise(draw: np.random.Generator) -> Layer:
    """Of any kind; one in two has the window of a kernel of its own."""
    window = _draw_window(draw, int(draw.integers(4)))
    return Layer(
        image=_draw_image(draw, window),
        channels=int(draw.integers(1, 14)),
        window=window,
        multiplier=int(draw.choice([1, 1, 1, 2, 3])),
        weight_bits=int(draw.choice([8, 16])),
        largest_scale=float(draw.choice([0.02, 0.02, 3.0])),
        clamp=(-128, 127) if draw.integers(3) else (-70, 50),
        plane_bytes=int(draw.choice([256, 1024, 4096])),
        is_saturated=bool(draw.integers(8) == 0),
        is_relu=bool(draw.integers(2)),
    )


def depthwise_case(draw: np.random.Generator, layer: Layer) -> Case:
    """A whole layer in one call."""
    written = layer.channels * layer.multiplier
    window = layer.window
    product = _draw_product(draw, layer, written)
    data = _draw_int8(draw, (*layer.image, layer.channels), layer.is_saturated)
    zero_point = int(draw.integers(-128, 128))
    packed = pack_depthwise(product, window, layer.weight_bits)
    shape = DepthwiseShape(layer.output, window)
    band = depthwise_bands(shape, layer.plane_bytes)[-1]
    arguments = (
        *(*layer.image, layer.channels, *layer.output, layer.multiplier, *window.size),
        *(*window.strides, *window.dilation, *window.padding[:2], zero_point, band),
        *layer.clamp,
    )
    return Case(
        operation=DEPTHWISE,
        form=_KERNELS.index(shape.kernel) * len(_FORMS) + _FORMS.index(packed.form),
        arguments=arguments,
        data=data,
        words=packed.words,
        scratch_bytes=depthwise_scratch_bytes(shape, layer.weight_bits, band),
        expected=_convolve(product, data, layer, zero_point),
        offsets=draw_offsets(draw),
    )


def _draw_product(draw: np.random.Generator, layer: Layer, channels: int) -> Product:
    taps = layer.window.size[0] * layer.window.size[1]
    scales = layer.largest_scale * 2.0 ** draw.uniform(-6, 0, channels)
    if channels > 2:
        scales[draw.integers(channels)] = 2.0**-30
    return Product(
        weights=_draw_int8(draw, (channels, taps), layer.is_saturated).astype(np.int64),
        bias=draw.integers(-30000, 30000, channels).astype(np.int32),
        rescale=FixedPoints.from_reals(scales),
        zero_point=-128 if layer.is_relu else int(draw.integers(-128, 128)),
        rounding=Rounding.TWICE,
    )


def _draw_int8(draw: np.random.Generator, shape: tuple[int, ...], is_saturated: bool) -> Array:
    if is_saturated:
        return draw.choice(np.array([-128, 127], np.int8), shape)
    return draw.integers(-128, 128, shape).astype(np.int8)


def _convolve(product: Product, data: Array, layer: Layer, zero_point: int) -> Array:
    sums = depthwise_sums(product.weights, data, layer, zero_point) + product.bias
    scaled = multiply_twice_rounded(sums, product.rescale.multiplier, product.rescale.shift)
    return np.clip(scaled + product.zero_point, *layer.clamp).astype(np.int8)


def depthwise_sums(weights: Array, data: Array, layer: Layer, zero_point: int) -> Array:
    """int64 [height, width, channels] from weights [channels, taps], tap by tap."""
    top, left, bottom, right = layer.window.padding
    border = ((top, bottom), (left, right), (0, 0))
    padded = np.pad(data.astype(np.int64), border, constant_values=zero_point)
    padded = np.repeat(padded, layer.multiplier, axis=2)
    height, width = layer.output
    sums = np.zeros((height, width, padded.shape[2]), np.int64)
    for tap, column_weights in enumerate(weights.T):
        row, column = divmod(tap, layer.window.size[1])
        rows = padded[row * layer.window.dilation[0] :: layer.window.strides[0]]
        columns = rows[:, column * layer.window.dilation[1] :: layer.window.strides[1]]
        sums += columns[:height, :width] * column_weights
    return sums

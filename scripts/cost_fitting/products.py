# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions and dense layers of drawn shapes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from cost_fitting.layer import Layer
from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import (
    Array,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Tensor,
    Window,
)

_CLAMPS = {"int8": (-128, 127), "int16": (-32768, 32767)}
_WINDOWS = ((1, 1), (1, 1), (3, 3), (3, 3), (1, 5), (4, 1), (5, 5), (10, 4))
_DEPTHWISE_WINDOWS = ((3, 3), (3, 3), (3, 3), (5, 5), (4, 1), (1, 3), (7, 1))
_LARGEST_IMAGE = 12_000  # elements
_DTYPES = ("int8", "int8", "int8", "int16")


def draw_conv2d(draw: Generator) -> Layer:
    """Any window, from one pixel to 400, from one channel to 96; some in groups, some int16."""
    while True:
        size = _WINDOWS[draw.integers(len(_WINDOWS))]
        dtype, groups = str(draw.choice(_DTYPES)), int(draw.choice([1, 1, 1, 1, 1, 2]))
        image, window = _draw_image(draw, size), _draw_window(draw, size)
        depth, channels = _channels(draw), groups * _channels(draw)
        source = _tensor((1, *image, groups * depth), dtype, -5)
        target = _tensor((1, *_outputs(image, window), channels), dtype, _zero(draw))
        depth *= size[0] * size[1]
        if _fits(source, target, target.elements * depth):
            break
    weights = _weights(draw, (channels, *size, source.shape[3] // groups))
    bias, rescale = _scales(draw, channels, depth, dtype)
    clamp = _CLAMPS[dtype]
    return Layer(Conv2D((), 0, weights, bias, rescale, window, groups, clamp), (source, target))


def draw_depthwise(draw: Generator) -> Layer:
    """Mostly 3 x 3; most with one output channel an input channel."""
    while True:
        size = _DEPTHWISE_WINDOWS[draw.integers(len(_DEPTHWISE_WINDOWS))]
        dtype = str(draw.choice(_DTYPES))
        image, window = _draw_image(draw, size), _draw_window(draw, size)
        source = _tensor((1, *image, _channels(draw)), dtype, -5)
        channels = source.shape[3] * int(draw.choice([1, 1, 1, 2]))
        target = _tensor((1, *_outputs(image, window), channels), dtype, _zero(draw))
        if _fits(source, target, target.elements * size[0] * size[1]):
            break
    bias, rescale = _scales(draw, channels, size[0] * size[1], dtype)
    weights = _weights(draw, (*size, channels))
    operator = DepthwiseConv2D((), 0, weights, bias, rescale, window, _CLAMPS[dtype])
    return Layer(operator, (source, target))


def draw_dense(draw: Generator) -> Layer:
    """One vector, or a few."""
    batch = int(draw.choice([1, 1, 1, 2, 5]))
    return _dense(draw, batch, int(draw.integers(1, 400)))


def draw_dense_words(draw: Generator) -> Layer:
    """One vector that a kernel can read by pairs of words."""
    return _dense(draw, 1, 8 * int(draw.integers(1, 80)))


def _dense(draw: Generator, batch: int, depth: int) -> Layer:
    rows = int(draw.integers(1, 100))
    bias, rescale = _scales(draw, rows, depth, "int8")
    tensors = (_tensor((batch, depth), "int8", -5), _tensor((batch, rows), "int8", 3))
    weights = _weights(draw, (rows, depth))
    return Layer(Dense((), 0, weights, 0, bias, rescale, _CLAMPS["int8"]), tensors)


def _tensor(shape: tuple[int, ...], dtype: str, zero_point: int) -> Tensor:
    return Tensor("tensor", shape, dtype, 0.1, zero_point if dtype == "int8" else 0)


def _channels(draw: Generator) -> int:
    return int(draw.choice([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 19, 24, 32, 48, 64, 96]))


def _zero(draw: Generator) -> int:
    """Behind a ReLU the zero point is the lowest number, which has a form of its own."""
    return int(draw.choice([-128, 4]))


def _draw_image(draw: Generator, size: tuple[int, int]) -> tuple[int, int]:
    return size[0] - 1 + int(draw.integers(1, 20)), size[1] - 1 + int(draw.integers(1, 20))


def _draw_window(draw: Generator, size: tuple[int, int]) -> Window:
    stride = 1 if size == (1, 1) else int(draw.choice([1, 1, 2]))
    top, left = (size[0] - 1) // 2, (size[1] - 1) // 2
    same = bool(draw.integers(3))
    padding = (top, left, size[0] - 1 - top, size[1] - 1 - left) if same else (0, 0, 0, 0)
    return Window(size, (stride, stride), padding=padding)


def _outputs(image: tuple[int, int], window: Window) -> tuple[int, int]:
    top, left, bottom, right = window.padding
    rows = image[0] + top + bottom - window.size[0]
    columns = image[1] + left + right - window.size[1]
    return rows // window.strides[0] + 1, columns // window.strides[1] + 1


def _fits(source: Tensor, target: Tensor, macs: int) -> bool:
    return max(source.elements, target.elements) <= _LARGEST_IMAGE and macs < 400_000


def _weights(draw: Generator, shape: tuple[int, ...]) -> Array:
    return draw.integers(-127, 128, shape).astype(np.int8)


def _scales(draw: Generator, channels: int, depth: int, dtype: str) -> tuple[Array, FixedPoints]:
    """Biases, and scales that give outputs of all sizes; a few need the forms for any scale."""
    bias = draw.integers(-2000, 2000, channels).astype("int32" if dtype == "int8" else "int64")
    reals = draw.uniform(0.5, 1.0, channels) / (75.0 * np.sqrt(depth))
    return bias, FixedPoints.from_reals(reals if draw.integers(10) else reals * 200.0)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers of int16 activations that the draws of int8 do not make, of the same shapes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from cost_fitting.elements import draw_pool
from cost_fitting.layer import Layer
from cost_fitting.products import draw_conv2d, draw_dense, draw_depthwise
from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    MaxPool2D,
    Tensor,
)
from microtvm.compiler.wide_fixed_point import WideFixedPoints

_CLAMP = (-(2**15), 2**15 - 1)
_LONG = 2**33  # sums then need 64 bits


def draw_dense_int16(draw: Generator) -> Layer:
    """One vector, or a few; sums of 32 bits or of 64."""
    layer = draw_dense(draw)
    assert isinstance(layer.operator, Dense)
    rows = len(layer.operator.weights)
    shifts = draw.integers(-14, -6, rows).astype(np.int32)
    operator = replace(
        layer.operator,
        bias=draw.integers(0, int(draw.choice([1000, _LONG])), rows),
        rescale=WideFixedPoints(draw.integers(2**62, 2**63, rows), shifts),
        clamp=_CLAMP,
    )
    return Layer(operator, _int16(layer.tensors))


def draw_add_int16(draw: Generator) -> Layer:
    """Of scales that the fast form takes, or of powers of two, which it does not."""
    shape = (1, int(draw.integers(1, 12)), int(draw.integers(1, 12)), int(draw.integers(1, 40)))
    rescale = FixedPoint(1 << 30, int(draw.choice([1, -16])))
    small = FixedPoint(1 << 30, -3)
    tensors = (Tensor("tensor", shape, "int16", 0.1),) * 3
    return Layer(Add((), 0, False, 15, small, small, rescale, _CLAMP), tensors)


def draw_pool_int16(draw: Generator) -> Layer:
    """Windowed, or over the whole image."""
    layer = draw_pool(draw)
    assert isinstance(layer.operator, AveragePool2D | MaxPool2D)
    return Layer(replace(layer.operator, layout="NHWC", clamp=_CLAMP), _int16(layer.tensors))


def draw_long_sums(draw: Generator) -> Layer:
    """A convolution whose sums need 64 bits."""
    layer = draw_conv2d(draw) if draw.integers(2) else draw_depthwise(draw)
    assert isinstance(layer.operator, Conv2D | DepthwiseConv2D)
    bias = draw.integers(_LONG, 2 * _LONG, layer.operator.bias.size)
    operator = replace(layer.operator, bias=bias, clamp=_CLAMP)
    return Layer(operator, _int16(layer.tensors))


def _int16(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(replace(tensor, dtype="int16", zero_point=0) for tensor in tensors)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools, sums, tables and moves of drawn shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator

from cost_fitting.layer import Layer
from microtvm.compiler import operators
from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.operators import Operator, Tensor, Window
from microtvm.compiler.softmax_scaling import softmax_scale

_CLAMP = (-128, 127)
_HALF = FixedPoint(1 << 30, 0)
_SMALL = FixedPoint(1 << 30, -6)


def draw_element_wise(draw: Generator) -> Layer:
    """An operator that reads each element once."""
    shape = (1, int(draw.integers(1, 12)), int(draw.integers(1, 12)), int(draw.integers(1, 40)))
    drawn: Mapping[str, Callable[[], Operator]] = {
        "add": lambda: operators.Add((), 0, False, 20, _HALF, _HALF, _small(-17), _CLAMP),
        "multiply": lambda: operators.Multiply((), 0, _SMALL, _CLAMP),
        "look_up": lambda: operators.LookUp((), 0, "relu", np.arange(-128, 128).astype(np.int8)),
        "reshape": lambda: operators.Reshape((), 0),
    }
    kind = str(draw.choice(sorted(drawn)))
    if kind not in ("add", "multiply"):
        return Layer(drawn[kind](), (_tensor(shape), _tensor(shape)))
    # The second operand may have the last axis alone.
    second = shape if draw.integers(3) else (1, 1, 1, shape[3])
    return Layer(drawn[kind](), (_tensor(shape), _tensor(second), _tensor(shape)))


def _small(shift: int) -> FixedPoint:
    return FixedPoint(1 << 30, shift)


def _tensor(shape: tuple[int, ...], dtype: str = "int8", zero_point: int = 3) -> Tensor:
    return Tensor("tensor", shape, dtype, 0.1 if dtype == "int8" else None, zero_point)


def draw_pool(draw: Generator) -> Layer:
    """Windowed, or over the whole image."""
    kind = operators.AveragePool2D if draw.integers(2) else operators.MaxPool2D
    size, channels = int(draw.integers(1, 5)), int(draw.integers(1, 70))
    if draw.integers(4) == 0:
        # A channel that lies by itself is pooled by rows.
        channels = 1
    rows, columns = (int(draw.integers(1, 8)) for _ in range(2))
    if draw.integers(3) == 0:
        image, window, out = (rows, columns), Window((rows, columns)), (1, 1)
    else:
        stride = int(draw.integers(1, 3))
        image = (size + stride * (rows - 1), size + stride * (columns - 1))
        window, out = Window((size, size), (stride, stride)), (rows, columns)
    tensors = (_tensor((1, *image, channels)), _tensor((1, *out, channels)))
    return Layer(kind((), 0, window, _CLAMP), tensors)


def draw_mean(draw: Generator) -> Layer:
    shape = (1, int(draw.integers(1, 9)), int(draw.integers(1, 9)), int(draw.integers(1, 40)))
    tensors = (_tensor(shape), _tensor((1, shape[3])))
    return Layer(operators.Mean((), 0, (1, 2), _SMALL), tensors)


def draw_softmax(draw: Generator) -> Layer:
    shape = (int(draw.integers(1, 8)), int(draw.integers(2, 40)))
    scale = softmax_scale(1.0, 0.1)
    operator = operators.Softmax((), 0, scale.scaled_beta, scale.difference_min)
    return Layer(operator, (_tensor(shape), Tensor("tensor", shape, "int8", 1 / 256, -128)))


def draw_move(draw: Generator) -> Layer:
    """An operator that moves elements."""
    rows, columns, channels = (int(draw.integers(2, 12)) for _ in range(3))
    shape = (1, rows, columns, channels)
    kind = draw.integers(5)
    if kind == 0:
        operator: Operator = operators.Pad((), 0, (0, 1, 1, 0), (0, 2, 1, 0), 3)
        target: tuple[int, ...] = (1, rows + 3, columns + 2, channels)
    elif kind == 1:
        operator, target = operators.Concatenate((), 0, 3), (1, rows, columns, 2 * channels)
        return Layer(operator, (_tensor(shape), _tensor(shape), _tensor(target)))
    elif kind == 2:
        operator, target = operators.Transpose((), 0, (0, 3, 1, 2)), (1, channels, rows, columns)
    elif kind == 3:
        extent = (1, rows // 2, columns, channels)
        operator, target = operators.StridedSlice((), 0, (0,) * 4, (1, 2, 1, 1), extent), extent
    else:
        across = tuple(index // 2 for index in range(2 * columns))
        operator = operators.ResizeNearest((), 0, tuple(range(rows)), across)
        target = (1, rows, 2 * columns, channels)
    return Layer(operator, (_tensor(shape), _tensor(target)))


def draw_conversion(draw: Generator) -> Layer:
    shape = (1, int(draw.integers(1, 400)))
    if draw.integers(2):
        return Layer(operators.Quantize((), 0), (_tensor(shape, "float32"), _tensor(shape)))
    return Layer(operators.Dequantize((), 0), (_tensor(shape), _tensor(shape, "float32")))

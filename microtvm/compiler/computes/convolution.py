# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions in tensor expressions, NHWC, int8 in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from tvm import te, tirx

from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped_int8, requantize
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Array, Conv2D, DepthwiseConv2D, Tensor, Window


def define_conv2d(operator: Conv2D, tensors: Sequence[Tensor]) -> LayerFunction:
    """Weights [out, height, width, in / groups]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    weights = te.placeholder(operator.weights.shape, "int8", name="weights")
    data = te.placeholder(source.shape, "int8", name="data")
    padded = _padded(data, operator.window, source.zero_point)
    rows, columns = _window_axes(operator.window)
    depth = operator.weights.shape[3]
    channel = te.reduce_axis((0, depth), name="channel")
    per_group = operator.weights.shape[0] // operator.groups

    def product(n: Any, h: Any, w: Any, c: Any) -> Any:
        offset = tirx.floordiv(c, per_group) * depth if operator.groups > 1 else 0
        position = _position(operator.window, n, h, w, rows, columns)
        return te.sum(
            padded(*position, offset + channel).astype("int32")
            * weights[c, rows, columns, channel].astype("int32"),
            axis=[rows, columns, channel],
        )

    sums = operator.weights.astype(np.int64).sum(axis=(1, 2, 3))
    return _finish("conv2d", operator, data, weights, product, (source, output), sums)


def define_depthwise_conv2d(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> LayerFunction:
    """Weights [height, width, out]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    weights = te.placeholder(operator.weights.shape, "int8", name="weights")
    data = te.placeholder(source.shape, "int8", name="data")
    padded = _padded(data, operator.window, source.zero_point)
    rows, columns = _window_axes(operator.window)
    multiplier = operator.weights.shape[2] // source.shape[3]

    def product(n: Any, h: Any, w: Any, c: Any) -> Any:
        position = _position(operator.window, n, h, w, rows, columns)
        return te.sum(
            padded(*position, tirx.floordiv(c, multiplier)).astype("int32")
            * weights[rows, columns, c].astype("int32"),
            axis=[rows, columns],
        )

    sums = operator.weights.astype(np.int64).sum(axis=(0, 1))
    return _finish("depthwise_conv2d", operator, data, weights, product, (source, output), sums)


def _window_axes(window: Window) -> tuple[Any, Any]:
    return (
        te.reduce_axis((0, window.size[0]), name="row"),
        te.reduce_axis((0, window.size[1]), name="column"),
    )


def _position(window: Window, n: Any, h: Any, w: Any, row: Any, column: Any) -> tuple[Any, ...]:
    return (
        n,
        h * window.strides[0] + row * window.dilation[0],
        w * window.strides[1] + column * window.dilation[1],
    )


def _padded(data: Any, window: Window, zero_point: int) -> Callable[..., Any]:
    """The input with its zero point around it; a schedule inlines it, so that nothing is copied."""
    top, left, bottom, right = window.padding
    if not any(window.padding):
        return lambda *index: data[index]
    batch, height, width, channels = data.shape
    padded = te.compute(
        (batch, height + top + bottom, width + left + right, channels),
        lambda n, h, w, c: tirx.if_then_else(
            tirx.all(h >= top, h < top + height, w >= left, w < left + width),
            data[n, h - top, w - left, c],
            tirx.const(zero_point, "int8"),
        ),
        name="padded",
    )
    return lambda *index: padded[index]


def _finish(
    name: str,
    operator: Conv2D | DepthwiseConv2D,
    data: Any,
    weights: Any,
    product: Callable[..., Any],
    tensors: tuple[Tensor, Tensor],
    weight_sums: Array,
) -> LayerFunction:
    source, output = tensors
    channels = (output.shape[3],)
    bias, multiplier, shift = (
        te.placeholder(channels, "int32", name=part) for part in ("bias", "multiplier", "shift")
    )
    accumulator = te.compute(output.shape, product, name="accumulator")
    result = te.compute(
        output.shape,
        lambda n, h, w, c: clamped_int8(
            requantize(accumulator[n, h, w, c] + bias[c], multiplier[c], shift[c])
            + output.zero_point,
            operator.clamp,
        ),
        name="output",
    )
    return LayerFunction(
        name=name,
        function=te.create_prim_func([data, weights, bias, multiplier, shift, result]),
        constants=(
            operator.weights,
            folded_bias(operator.bias, source.zero_point, weight_sums),
            operator.rescale.multiplier,
            operator.rescale.shift,
        ),
        headers=(REQUANTIZE_HEADER,),
    )


def folded_bias(bias: Array, zero_point: int, weight_sums: Array) -> Array:
    """bias - zero_point * sum(weights), which wraps in int32 as the sum it replaces would."""
    total: npt.NDArray[np.int64] = bias.astype(np.int64) - zero_point * weight_sums
    return total.astype(np.int32)  # numpy keeps the low 32 bits

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions in tensor expressions, NHWC, int8 or int16 in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from tvm import te, tirx

from microtvm.compiler.computes.epilogue import (
    Epilogue,
    int16_epilogue,
    twice_rounded_epilogue,
)
from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Array, Conv2D, DepthwiseConv2D, Tensor, Window


def define_conv2d(operator: Conv2D, tensors: Sequence[Tensor]) -> LayerFunction:
    """Weights [out, height, width, in / groups]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    weights = te.placeholder(operator.weights.shape, str(operator.weights.dtype), name="weights")
    data = te.placeholder(source.shape, source.dtype, name="data")
    padded = _padded(data, operator.window, source.zero_point)
    rows, columns = _window_axes(operator.window)
    depth = operator.weights.shape[3]
    channel = te.reduce_axis((0, depth), name="channel")
    per_group = operator.weights.shape[0] // operator.groups
    epilogue = _epilogue(operator, operator.weights.reshape(output.shape[3], -1), source)

    def product(n: Any, h: Any, w: Any, c: Any) -> Any:
        offset = tirx.floordiv(c, per_group) * depth if operator.groups > 1 else 0
        position = _position(operator.window, n, h, w, rows, columns)
        return te.sum(
            _product(
                padded(*position, offset + channel), weights[c, rows, columns, channel]
            ).astype(epilogue.sum_type),
            axis=[rows, columns, channel],
        )

    return _finish("conv2d", operator, (data, weights), product, epilogue, output)


def define_depthwise_conv2d(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> LayerFunction:
    """Weights [height, width, out]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    weights = te.placeholder(operator.weights.shape, str(operator.weights.dtype), name="weights")
    data = te.placeholder(source.shape, source.dtype, name="data")
    padded = _padded(data, operator.window, source.zero_point)
    rows, columns = _window_axes(operator.window)
    multiplier = operator.weights.shape[2] // source.shape[3]
    epilogue = _epilogue(operator, operator.weights.reshape(-1, output.shape[3]).T, source)

    def product(n: Any, h: Any, w: Any, c: Any) -> Any:
        position = _position(operator.window, n, h, w, rows, columns)
        return te.sum(
            _product(
                padded(*position, tirx.floordiv(c, multiplier)), weights[rows, columns, c]
            ).astype(epilogue.sum_type),
            axis=[rows, columns],
        )

    return _finish("depthwise_conv2d", operator, (data, weights), product, epilogue, output)


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
            tirx.const(zero_point, data.dtype),
        ),
        name="padded",
    )
    return lambda *index: padded[index]


def _product(value: Any, weight: Any) -> Any:
    return value.astype("int32") * weight.astype("int32")


def _epilogue(operator: Conv2D | DepthwiseConv2D, rows: Array, source: Tensor) -> Epilogue:
    """`rows` are the weights of each output channel."""
    bias = folded_bias(operator.bias, source.zero_point, rows.astype(np.int64).sum(axis=1))
    if bias.dtype == np.int64:
        return int16_epilogue(rows, bias, operator.rescale)
    return twice_rounded_epilogue(bias, operator.rescale)


def _finish(
    name: str,
    operator: Conv2D | DepthwiseConv2D,
    operands: tuple[Any, Any],
    product: Callable[..., Any],
    epilogue: Epilogue,
    output: Tensor,
) -> LayerFunction:
    accumulator = te.compute(output.shape, product, name="accumulator")
    result = te.compute(
        output.shape,
        lambda n, h, w, c: clamped(
            epilogue.rescaled(accumulator[n, h, w, c], c) + output.zero_point,
            operator.clamp,
            output.dtype,
        ),
        name="output",
    )
    return LayerFunction(
        name=name,
        function=te.create_prim_func([*operands, *epilogue.parameters, result]),
        constants=(operator.weights, *epilogue.constants),
        headers=(REQUANTIZE_HEADER,),
    )


def folded_bias(bias: Array, zero_point: int, weight_sums: Array) -> Array:
    """bias - zero_point * sum(weights), which wraps in int32 as the sum it replaces would."""
    total: npt.NDArray[np.int64] = bias.astype(np.int64) - zero_point * weight_sums
    return total.astype(bias.dtype)  # numpy keeps the low bits

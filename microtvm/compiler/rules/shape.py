# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators that move bytes: reshape, transpose, pad, concatenation, slice and resize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from microtvm.compiler.operators import (
    Concatenate,
    Operator,
    Pad,
    Reshape,
    ResizeNearest,
    StridedSlice,
    Tensor,
    Transpose,
)
from microtvm.compiler.qdq import LIMITS, Site, call_name, constant_value, permutation, scalar


def fold_shape(site: Site) -> Operator | None:
    """Matches quantize(move(dequantize(x))) with one scale before and after."""
    call = site.graph.resolve(site.value)
    if call_name(call) == "concat":
        return _fold_concatenation(site, call)
    if call_name(call) == "take":
        return _fold_resize(site)
    inner = site.graph.call(call.args[0], "strided_slice") if call_name(call) == "reshape" else None
    if inner is not None:
        call = inner
    fold = _FOLDS.get(call_name(call))
    source = None if fold is None else _operand(site, call.args[0])
    if fold is None or source is None:
        return None
    return fold(site, call, source)


def _operand(site: Site, expression: Any) -> int | None:
    """The tensor under a dequantize, if it has the output's scale and zero point.

    TFLite moves bytes without a look at their scales, so other models have two meanings.
    """
    source = site.graph.dequantized(expression)
    return source if source is not None and site.same_quantization(source) else None


def _fold_reshape(site: Site, call: Any, source: int) -> Operator:
    return Reshape((source,), site.output)


def _fold_transpose(site: Site, call: Any, source: int) -> Operator:
    rank = len(site.graph.tensors[source].shape)
    axes = permutation(call) if call.attrs.axes is not None else range(rank - 1, -1, -1)
    return Transpose((source,), site.output, tuple(axis % rank for axis in axes))


def _fold_pad(site: Site, call: Any, source: int) -> Operator | None:
    if str(call.attrs.pad_mode) != "constant":
        return None
    value = _exact_quantized(scalar(call.attrs.pad_value), site.tensor)
    widths = tuple(int(width) for width in call.attrs.pad_width)
    if value is None or min(widths) < 0:
        return None
    return Pad((source,), site.output, widths[::2], widths[1::2], value)


def _fold_slice(site: Site, call: Any, source: int) -> Operator | None:
    shape = site.graph.tensors[source].shape
    axes, begin, _, strides = (_numbers(argument) for argument in call.args[1:5])
    if axes != tuple(range(len(shape))) or not all(
        0 <= start < size for start, size in zip(begin, shape, strict=True)
    ):
        return None
    extent = tuple(int(size) for size in call.ty.shape)
    return StridedSlice((source,), site.output, begin, strides, extent)


def _fold_resize(site: Site) -> Operator | None:
    """Matches take(take(x, rows, axis=1), columns, axis=2) of a tensor of rank 4."""
    outer = _gather(site, site.value, 2)
    inner = None if outer is None else _gather(site, outer[0], 1)
    source = None if inner is None else _operand(site, inner[0])
    if outer is None or inner is None or source is None or len(site.tensor.shape) != 4:
        return None
    return ResizeNearest((source,), site.output, inner[1], outer[1])


def _gather(site: Site, expression: Any, axis: int) -> tuple[Any, tuple[int, ...]] | None:
    """What take(x, constant, axis) takes from, and the indices."""
    call = site.graph.call(expression, "take")
    indices = None if call is None else constant_value(call.args[1])
    if call is None or indices is None or call.attrs.axis is None or int(call.attrs.axis) != axis:
        return None
    return call.args[0], tuple(int(index) for index in indices.reshape(-1))


def _fold_concatenation(site: Site, call: Any) -> Operator | None:
    inputs = [_operand(site, field) for field in site.graph.resolve(call.args[0])]
    known = tuple(index for index in inputs if index is not None)
    if len(known) != len(inputs):
        return None
    axis = 0 if call.attrs.axis is None else int(call.attrs.axis)
    return Concatenate(known, site.output, axis % len(site.tensor.shape))


_FOLDS: dict[str, Callable[[Site, Any, int], Operator | None]] = {
    "nn.pad": _fold_pad,
    "permute_dims": _fold_transpose,
    "reshape": _fold_reshape,
    "strided_slice": _fold_slice,
}


def _numbers(expression: Any) -> tuple[int, ...]:
    return tuple(int(scalar(field)) for field in expression)


def _exact_quantized(value: float, tensor: Tensor) -> int | None:
    """The integer whose real value is `value` within float32's precision, or None."""
    if tensor.scale is None:
        return None
    units = value / tensor.scale
    nearest = round(units)
    result = nearest + tensor.zero_point
    exact = abs(units - nearest) <= abs(units) * np.finfo(np.float32).eps * 4
    lowest, highest = LIMITS[tensor.dtype]
    return result if exact and lowest <= result <= highest else None

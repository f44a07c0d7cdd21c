# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(reshape(activation(matmul(reshape(x), w) + b))) as Dense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from microtvm.compiler.fixed_point import FixedPoints, once_rounded_point
from microtvm.compiler.operators import Array, Dense, Operator, Tensor
from microtvm.compiler.qdq import LIMITS, QuantizedConstant, Site
from microtvm.compiler.rules.convolution import bias_values, split_bias
from microtvm.compiler.sum_bounds import INT32, sum_bounds
from microtvm.compiler.wide_fixed_point import WideFixedPoints, wide_point


def fold_dense(site: Site) -> Operator | None:
    """Matches a matrix product with constant int8 weights [in, out] and an optional bias."""
    graph = site.graph
    inner, clamp = replace(site, value=_under_reshape(site, site.value)).without_activation()
    call, bias = split_bias(graph, inner, "matmul")
    if call is None:
        return None
    source = graph.dequantized(_under_reshape(site, call.args[0]))
    weights = graph.constant(call.args[1])
    if source is None or weights is None or weights.values.dtype != np.int8:
        return None
    outputs = weights.values.shape[1]
    tensor = graph.tensors[source]
    values = bias_values(bias, outputs, tensor.dtype)
    if values is None:
        return None
    return Dense(
        inputs=(source,),
        output=site.output,
        weights=np.ascontiguousarray(weights.values.T),
        weights_zero_point=weights.zero_point,
        bias=values if tensor.dtype == "int8" else values.astype(np.int64),
        rescale=_rescale(tensor, weights, site.tensor, values),
        clamp=clamp,
    )


def _under_reshape(site: Site, value: Any) -> Any:
    call = site.graph.call(value, "reshape")
    return value if call is None else call.args[0]


def _rescale(
    source: Tensor, weights: QuantizedConstant, output: Tensor, bias: Array
) -> FixedPoints | WideFixedPoints:
    """One pair an output; outputs of one scale share it."""
    assert source.scale is not None
    assert output.scale is not None
    lowest, highest = _sums(source, weights, bias)
    reals = source.scale * weights.scales_for(len(bias)) / output.scale
    find = _narrow_point if source.dtype == "int8" else wide_point
    points: dict[float, tuple[int, int]] = {}
    for real in np.unique(reals).tolist():
        same = reals == real
        points[real] = find(real, int(lowest[same].min()), int(highest[same].max()))
    multipliers, shifts = zip(*(points[real] for real in reals.tolist()), strict=True)
    if source.dtype == "int8":
        return FixedPoints(np.array(multipliers, np.int32), np.array(shifts, np.int32))
    return WideFixedPoints(np.array(multipliers, np.int64), np.array(shifts, np.int32))


def _narrow_point(real: float, lowest: int, highest: int) -> tuple[int, int]:
    point = once_rounded_point(real, lowest, highest)
    return point.multiplier, point.shift


def _sums(source: Tensor, weights: QuantizedConstant, bias: Array) -> tuple[Array, Array]:
    """The lowest and the highest sum that each output can have; all of int32 if one may wrap."""
    rows = weights.values.T.astype(np.int64) - weights.zero_point
    low, high = (limit - source.zero_point for limit in LIMITS[source.dtype])
    lowest, highest = sum_bounds(rows, bias, (low, high))
    if bias.dtype == np.int64:
        return lowest, highest
    wraps = (lowest < INT32[0]) | (highest > INT32[1])
    if source.dtype == "int16" and wraps.any():
        found = f"sums from {lowest.min()} to {highest.max()}"
        raise ValueError(f"{found} leave the 32 bits of its bias")
    return np.where(wraps, INT32[0], lowest), np.where(wraps, INT32[1], highest)

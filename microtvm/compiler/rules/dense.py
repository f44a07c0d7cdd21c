# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(reshape(activation(matmul(reshape(x), w) + b))) as Dense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint, FixedPoints, once_rounded_point
from microtvm.compiler.operators import Array, Dense, Operator, Tensor
from microtvm.compiler.qdq import INT8, QuantizedConstant, Site
from microtvm.compiler.rules.convolution import bias_values, split_bias

_INT32 = (-(2**31), 2**31 - 1)


def fold_dense(site: Site) -> Operator | None:
    """Matches a matrix product with constant int8 weights [in, out] and an optional int32 bias."""
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
    values = bias_values(bias, outputs)
    if values is None:
        return None
    return Dense(
        inputs=(source,),
        output=site.output,
        weights=np.ascontiguousarray(weights.values.T),
        weights_zero_point=weights.zero_point,
        bias=values,
        rescale=_rescale(graph.tensors[source], weights, site.tensor, values),
        clamp=clamp,
    )


def _under_reshape(site: Site, value: Any) -> Any:
    call = site.graph.call(value, "reshape")
    return value if call is None else call.args[0]


def _rescale(
    source: Tensor, weights: QuantizedConstant, output: Tensor, bias: Array
) -> FixedPoints:
    """One pair an output; outputs of one scale share it."""
    assert source.scale is not None
    assert output.scale is not None
    lowest, highest = _sums(source, weights, bias)
    reals = source.scale * weights.scales_for(len(bias)) / output.scale
    points: dict[float, FixedPoint] = {}
    for real in np.unique(reals).tolist():
        same = reals == real
        points[real] = once_rounded_point(real, int(lowest[same].min()), int(highest[same].max()))
    chosen = [points[real] for real in reals.tolist()]
    return FixedPoints(
        np.array([point.multiplier for point in chosen], np.int32),
        np.array([point.shift for point in chosen], np.int32),
    )


def _sums(source: Tensor, weights: QuantizedConstant, bias: Array) -> tuple[Array, Array]:
    """The lowest and the highest sum that each output can have; all of int32 if one may wrap."""
    values = weights.values.astype(np.int64) - weights.zero_point
    above = np.maximum(values, 0).sum(axis=0)
    below = np.minimum(values, 0).sum(axis=0)
    low, high = (limit - source.zero_point for limit in INT8)
    highest = bias + above * high + below * low
    lowest = bias + above * low + below * high
    wraps = (lowest < _INT32[0]) | (highest > _INT32[1])
    return np.where(wraps, _INT32[0], lowest), np.where(wraps, _INT32[1], highest)

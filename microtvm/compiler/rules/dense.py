# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(reshape(activation(matmul(reshape(x), w) + b))) as Dense."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import Dense, Operator, Tensor
from microtvm.compiler.qdq import QuantizedConstant, Site
from microtvm.compiler.rules.convolution import bias_values, split_bias


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
        rescale=_rescale(graph.tensors[source], weights, site.tensor, bias is not None),
        clamp=clamp,
    )


def _under_reshape(site: Site, value: Any) -> Any:
    call = site.graph.call(value, "reshape")
    return value if call is None else call.args[0]


def _rescale(
    source: Tensor, weights: QuantizedConstant, output: Tensor, has_bias: bool
) -> FixedPoints:
    """TFLite multiplies the scales in double, but in float32 where one scale has no bias."""
    assert source.scale is not None
    assert output.scale is not None
    if weights.scales.size == 1 and not has_bias:
        product = float(np.float32(source.scale) * weights.scales[0])
        reals = np.full(weights.values.shape[1], product / output.scale)
    else:
        reals = source.scale * weights.scales_for(weights.values.shape[1]) / output.scale
    return FixedPoints.from_reals(reals)

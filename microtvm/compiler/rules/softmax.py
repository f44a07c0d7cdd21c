# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(softmax(beta * dequantize(x))) as Softmax."""

from __future__ import annotations

from typing import Any

from microtvm.compiler.operators import Operator, Softmax
from microtvm.compiler.qdq import QdqGraph, Site, constant_value
from microtvm.compiler.softmax_scaling import softmax_scale

# The output that TFLite's fixed-point form gives, within the error of scale that it allows.
_OUTPUT_SCALE = 1 / 256
_SCALE_TOLERANCE = 0.001 * _OUTPUT_SCALE
_OUTPUT_ZERO_POINT = -128


def fold_softmax(site: Site) -> Operator | None:
    """Matches a softmax over the last axis."""
    call = site.graph.call(site.value, "nn.softmax")
    output = site.tensor
    if call is None or int(call.attrs.axis) not in (-1, len(output.shape) - 1):
        return None
    if output.scale is None or abs(output.scale - _OUTPUT_SCALE) > _SCALE_TOLERANCE:
        return None
    argument, beta = _split_beta(site.graph, call.args[0])
    source = site.graph.dequantized(argument)
    scale = None if source is None else site.graph.tensors[source].scale
    if source is None or scale is None or output.zero_point != _OUTPUT_ZERO_POINT:
        return None
    scaled = softmax_scale(beta, scale)
    return Softmax((source,), site.output, scaled.scaled_beta, scaled.difference_min)


def _split_beta(graph: QdqGraph, expression: Any) -> tuple[Any, float]:
    """x and beta of x * beta; 1 where there is no product."""
    product = graph.call(expression, "multiply")
    value = None if product is None else constant_value(product.args[1])
    if product is None or value is None or value.size != 1:
        return expression, 1.0
    return product.args[0], float(value)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(f(dequantize(x))) as LookUp, for each element-wise f that has a table."""

from __future__ import annotations

import math
from typing import Any

from microtvm.compiler import lookup_tables
from microtvm.compiler.lookup_tables import Int8Array, Quantization
from microtvm.compiler.operators import LookUp, Operator, Tensor
from microtvm.compiler.qdq import Site, activation_bounds, call_name, constant_value, scalar


def fold_look_up(site: Site) -> Operator | None:
    """Matches logistic, tanh, hard swish, leaky relu, the relu family and requantisation."""
    call = site.graph.resolve(site.value)
    name = _function(site, call)
    argument = {"requantize": site.value, "hard_swish": _hard_swish_argument(site, call)}.get(
        name, call.args[0] if name else None
    )
    source = None if argument is None else site.graph.dequantized(argument)
    if source is None:
        return None
    table = _table(name, call, site.graph.tensors[source], site.tensor)
    return LookUp((source,), site.output, name, table)


def _function(site: Site, call: Any) -> str:
    """The name of the function that `call` applies, or ""."""
    name = call_name(call)
    if name in ("nn.relu", "nn.relu6", "clip"):
        low, high = activation_bounds(call)
        bounds = (low, math.inf if high is None else high)
        known = [key for key, value in lookup_tables.RELU_BOUNDS.items() if value == bounds]
        return known[0] if known else ""
    if name == "divide":
        return "hard_swish" if _hard_swish_argument(site, call) is not None else ""
    return {
        "dequantize": "requantize",
        "sigmoid": "logistic",
        "tanh": "tanh",
        "nn.leakyrelu": "leaky_relu",
    }.get(name, "")


def _hard_swish_argument(site: Site, call: Any) -> Any | None:
    """x of (x * clip(x + 3, 0, 6)) / 6."""
    if call_name(call) != "divide" or not _is_number(call.args[1], 6.0):
        return None
    product = site.graph.call(call.args[0], "multiply")
    clip = None if product is None else site.graph.call(product.args[1], "clip")
    if product is None or clip is None or activation_bounds(clip) != (0.0, 6.0):
        return None
    total = site.graph.call(clip.args[0], "add")
    if total is None or not _is_number(total.args[1], 3.0):
        return None
    return product.args[0] if total.args[0].same_as(product.args[0]) else None


def _is_number(expression: Any, number: float) -> bool:
    value = constant_value(expression)
    return value is not None and value.size == 1 and float(value) == number


def _table(name: str, call: Any, source: Tensor, target: Tensor) -> Int8Array:
    if source.scale is None or target.scale is None:
        raise ValueError("not quantised")
    before = Quantization(source.scale, source.zero_point)
    after = Quantization(target.scale, target.zero_point)
    if name in lookup_tables.RELU_BOUNDS:
        return lookup_tables.relu(name, before, after)
    if name == "leaky_relu":
        return lookup_tables.leaky_relu(before, after, scalar(call.attrs.alpha))
    functions = {
        "logistic": lookup_tables.logistic,
        "tanh": lookup_tables.tanh,
        "hard_swish": lookup_tables.hard_swish,
        "requantize": lookup_tables.requantize,
    }
    return functions[name](before, after)

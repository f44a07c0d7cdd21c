# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(activation(dequantize(a) + dequantize(b))) as Add; differences and products alike."""

from __future__ import annotations

from typing import Any

from microtvm.compiler.operators import Add, Clamp, Multiply, Operator
from microtvm.compiler.qdq import Site, call_name
from microtvm.compiler.rescales import ADD_LEFT_SHIFT, add_rescales, multiply_rescale


def fold_elementwise(site: Site) -> Operator | None:
    """Matches a sum, difference or product of two int8 tensors, one of which may be constant."""
    inner, clamp = site.without_activation()
    call = site.graph.call(inner, "add", "subtract", "multiply")
    if call is None:
        return None
    operands = [site.graph.dequantized(argument) for argument in call.args]
    if operands[0] is None or operands[1] is None:
        return None
    try:
        return _operator(site, call, (operands[0], operands[1]), clamp)
    except ValueError:  # scales for which TFLite has no fixed-point form
        return None


def _operator(site: Site, call: Any, inputs: tuple[int, int], clamp: Clamp) -> Operator | None:
    first, second = (site.graph.tensors[index].scale for index in inputs)
    output = site.tensor.scale
    if first is None or second is None or output is None:
        return None
    if call_name(call) == "multiply":
        return Multiply(inputs, site.output, multiply_rescale(first, second, output), clamp)
    rescales = add_rescales(first, second, output)
    return Add(
        inputs=inputs,
        output=site.output,
        subtract=call_name(call) == "subtract",
        left_shift=ADD_LEFT_SHIFT,
        first=rescales.first,
        second=rescales.second,
        rescale=rescales.output,
        clamp=clamp,
    )

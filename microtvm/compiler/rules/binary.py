# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(activation(a + b)), and so for a - b and a * b."""

from __future__ import annotations

from microtvm.compiler.operators import Add, Multiply, Operator
from microtvm.compiler.qdq import Site, call_name
from microtvm.compiler.rescales import ADD_LEFT_SHIFT, add_rescales, multiply_rescale


def fold_binary(site: Site) -> Operator | None:
    """Matches element-wise operators of two quantised tensors, one of which may be constant."""
    inner, clamp = site.without_activation()
    call = site.graph.call(inner, "add", "subtract", "multiply")
    if call is None:
        return None
    first, second = (site.graph.dequantized(argument) for argument in call.args)
    if first is None or second is None:
        return None
    scales = [site.graph.tensors[index].scale for index in (first, second, site.output)]
    one, two, out = (scale for scale in scales if scale is not None)
    if call_name(call) == "multiply":
        rescale = multiply_rescale(one, two, out)
        return Multiply((first, second), site.output, rescale, clamp)
    rescales = add_rescales(one, two, out)
    return Add(
        inputs=(first, second),
        output=site.output,
        subtract=call_name(call) == "subtract",
        left_shift=ADD_LEFT_SHIFT,
        first=rescales.first,
        second=rescales.second,
        rescale=rescales.output,
        clamp=clamp,
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""quantize(activation(a + b)), and so for a - b and a * b."""

from __future__ import annotations

from typing import Any

from microtvm.compiler.operators import Add, Multiply, Operator
from microtvm.compiler.qdq import Site, call_name
from microtvm.compiler.rescales import (
    ADD_LEFT_SHIFT,
    ADD_LEFT_SHIFT_INT16,
    AddRescales,
    add_rescales,
    multiply_rescale,
    power_of_two_shifts,
    shifted_add_rescales,
)


def fold_binary(site: Site) -> Operator | None:
    """Matches element-wise operators of two quantised tensors, one of which may be constant."""
    inner, clamp = site.without_activation()
    call = site.graph.call(inner, "add", "subtract", "multiply")
    if call is None:
        return None
    requantized = [_under_requantize(site, argument) for argument in call.args]
    first, second = (site.graph.dequantized(argument) for argument in requantized)
    if first is None or second is None:
        return None
    scales = [site.graph.tensors[index].scale for index in (first, second, site.output)]
    one, two, out = (scale for scale in scales if scale is not None)
    if call_name(call) == "multiply":
        rescale = multiply_rescale(one, two, out)
        return Multiply((first, second), site.output, rescale, clamp)
    left_shift = ADD_LEFT_SHIFT_INT16 if site.tensor.dtype == "int16" else ADD_LEFT_SHIFT
    if requantized == list(call.args):
        rescales = add_rescales(one, two, out, left_shift)
    else:
        rescales = _shifted(one, two, out)
    return Add(
        inputs=(first, second),
        output=site.output,
        subtract=call_name(call) == "subtract",
        left_shift=left_shift,
        first=rescales.first,
        second=rescales.second,
        rescale=rescales.output,
        clamp=clamp,
    )


def _under_requantize(site: Site, argument: Any) -> Any:
    """The operand of an addition before it was brought to the output's scale, if it was."""
    call = site.graph.call(argument, "dequantize")
    inner = None if call is None else site.graph.call(call.args[0], "quantize")
    return argument if inner is None else inner.args[0]


def _shifted(first: float, second: float, output: float) -> AddRescales:
    shifts = power_of_two_shifts(first, second, output)
    assert shifts is not None, "only such an operand is brought to the output's scale"
    return shifted_add_rescales(*shifts)

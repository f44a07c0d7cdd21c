# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Addition and subtraction of tensors of different scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te

from microtvm.compiler.computes.broadcast import broadcast_index, collapse_broadcast
from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import centred, parameter, rescaled
from microtvm.compiler.operators import Add, Tensor


def define_add(operator: Add, tensors: Sequence[Tensor]) -> LayerFunction:
    first, second = (tensors[index] for index in operator.inputs)
    target = tensors[operator.output]
    shapes = collapse_broadcast(first.shape, second.shape)
    a = parameter("first", first, shapes.first)
    b = parameter("second", second, shapes.second)
    # Not a shift: C leaves the shift of a negative number undefined.
    unit = 1 << operator.left_shift

    def element(*indices: Any) -> Any:
        left = centred(a[broadcast_index(shapes.first, indices)], first.zero_point) * unit
        right = centred(b[broadcast_index(shapes.second, indices)], second.zero_point) * unit
        left, right = rescaled(left, operator.first), rescaled(right, operator.second)
        total = left - right if operator.subtract else left + right
        result = rescaled(total, operator.rescale)
        return clamped(result + target.zero_point, operator.clamp, target.dtype)

    output = te.compute(shapes.output, element, name="output")
    name = "subtract" if operator.subtract else "add"
    return LayerFunction(name, te.create_prim_func([a, b, output]), (), (REQUANTIZE_HEADER,))

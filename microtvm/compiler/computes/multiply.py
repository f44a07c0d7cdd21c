# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Product of two tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te

from microtvm.compiler.computes.broadcast import broadcast_index, collapse_broadcast
from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import centred, parameter, rescaled
from microtvm.compiler.operators import Multiply, Tensor


def define_multiply(operator: Multiply, tensors: Sequence[Tensor]) -> LayerFunction:
    first, second = (tensors[index] for index in operator.inputs)
    target = tensors[operator.output]
    shapes = collapse_broadcast(first.shape, second.shape)
    a = parameter("first", first, shapes.first)
    b = parameter("second", second, shapes.second)

    def element(*indices: Any) -> Any:
        left = centred(a[broadcast_index(shapes.first, indices)], first.zero_point)
        right = centred(b[broadcast_index(shapes.second, indices)], second.zero_point)
        product = rescaled(left * right, operator.rescale)
        return clamped(product + target.zero_point, operator.clamp, target.dtype)

    output = te.compute(shapes.output, element, name="output")
    function = te.create_prim_func([a, b, output])
    return LayerFunction("multiply", function, (), (REQUANTIZE_HEADER,))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Average pooling, halves away from zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te, tirx

from microtvm.compiler.computes.expressions import clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.computes.pool_window import elements_inside, pad_image, reduce_window
from microtvm.compiler.operators import AveragePool2D, Tensor


def define_average_pool2d(operator: AveragePool2D, tensors: Sequence[Tensor]) -> LayerFunction:
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    data = parameter("data", source)
    image = pad_image(data, source, operator.window, 0, operator.layout)
    total = reduce_window(image, target, operator.window, te.sum, "int32", operator.layout)

    def element(*indices: Any) -> Any:
        row, column = (indices[operator.layout.index(axis)] for axis in "HW")
        count = elements_inside(source, operator.window, row, column, operator.layout)
        mean = _divide_rounded(total[indices], count)
        return clamped(mean, operator.clamp, target.dtype)

    output = te.compute(target.shape, element, name="output")
    return LayerFunction("average_pool2d", te.create_prim_func([data, output]), ())


def _divide_rounded(total: Any, count: Any) -> Any:
    half = tirx.truncdiv(count, 2)
    return tirx.truncdiv(tirx.Select(total > 0, total + half, total - half), count)

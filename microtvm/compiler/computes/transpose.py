# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Permutation of the dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import Tensor, Transpose


def define_transpose(operator: Transpose, tensors: Sequence[Tensor]) -> LayerFunction:
    source = tensors[operator.inputs[0]]
    data = parameter("data", source)
    shape = tuple(source.shape[axis] for axis in operator.axes)

    def element(*indices: Any) -> Any:
        position = dict(zip(operator.axes, indices, strict=True))
        return data[tuple(position[axis] for axis in range(len(shape)))]

    output = te.compute(shape, element, name="output")
    return LayerFunction("transpose", te.create_prim_func([data, output]), ())

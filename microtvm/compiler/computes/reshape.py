# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The same elements in another shape: a copy."""

from __future__ import annotations

from collections.abc import Sequence

from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import Reshape, Tensor


def define_reshape(operator: Reshape, tensors: Sequence[Tensor]) -> LayerFunction:
    source = tensors[operator.inputs[0]]
    shape = (source.elements,)
    data = parameter("data", source, shape)
    output = te.compute(shape, lambda i: data[i], name="output")
    return LayerFunction("reshape", te.create_prim_func([data, output]), ())

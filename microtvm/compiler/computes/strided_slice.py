# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Every stride-th element of each dimension, in either direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import StridedSlice, Tensor


def define_strided_slice(operator: StridedSlice, tensors: Sequence[Tensor]) -> LayerFunction:
    data = parameter("data", tensors[operator.inputs[0]])

    def element(*indices: Any) -> Any:
        steps = zip(operator.begin, operator.strides, indices, strict=True)
        return data[tuple(begin + stride * index for begin, stride, index in steps)]

    output = te.compute(operator.extent, element, name="output")
    return LayerFunction("strided_slice", te.create_prim_func([data, output]), ())

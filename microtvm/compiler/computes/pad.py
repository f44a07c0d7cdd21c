# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Constant padding of any rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import te, tirx

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import Pad, Tensor


def define_pad(operator: Pad, tensors: Sequence[Tensor]) -> LayerFunction:
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    data = parameter("data", source)

    def element(*indices: Any) -> Any:
        shifted = [i - before for i, before in zip(indices, operator.before, strict=True)]
        bounds = [
            bound
            for axis, index in enumerate(shifted)
            if source.shape[axis] != target.shape[axis]
            for bound in (index >= 0, index < source.shape[axis])
        ]
        value = data[tuple(shifted)]
        border = tirx.const(operator.value, source.dtype)
        return tirx.if_then_else(te.all(*bounds), value, border) if bounds else value

    output = te.compute(target.shape, element, name="output")
    return LayerFunction("pad", te.create_prim_func([data, output]), ())

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Any element-wise int8 function, by its table."""

from __future__ import annotations

from collections.abc import Sequence

from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import LookUp, Tensor


def define_look_up(operator: LookUp, tensors: Sequence[Tensor]) -> LayerFunction:
    source = tensors[operator.inputs[0]]
    shape = (source.elements,)
    data = parameter("data", source, shape)
    table = te.placeholder((256,), "int8", name="table")
    output = te.compute(shape, lambda i: table[data[i].astype("int32") + 128], name="output")
    function = te.create_prim_func([data, table, output])
    return LayerFunction(operator.function, function, (operator.table,))

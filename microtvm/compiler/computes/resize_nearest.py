# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Nearest-neighbour resize, by tables of source rows and columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter
from microtvm.compiler.operators import ResizeNearest, Tensor


def define_resize_nearest(operator: ResizeNearest, tensors: Sequence[Tensor]) -> LayerFunction:
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    data = parameter("data", source)
    index_type = "int16" if max(source.shape[1:3]) <= np.iinfo(np.int16).max else "int32"
    rows = te.placeholder((len(operator.rows),), index_type, name="rows")
    columns = te.placeholder((len(operator.columns),), index_type, name="columns")
    output = te.compute(
        target.shape,
        lambda n, y, x, c: data[n, rows[y].astype("int32"), columns[x].astype("int32"), c],
        name="output",
    )
    constants = tuple(np.array(i, index_type) for i in (operator.rows, operator.columns))
    return LayerFunction(
        "resize_nearest", te.create_prim_func([data, rows, columns, output]), constants
    )

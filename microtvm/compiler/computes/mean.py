# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Mean over any axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tvm import te

from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.operands import parameter, rescaled
from microtvm.compiler.operators import Mean, Tensor

_INT8 = (-128, 127)


def define_mean(operator: Mean, tensors: Sequence[Tensor]) -> LayerFunction:
    source, target = tensors[operator.inputs[0]], tensors[operator.output]
    data = parameter("data", source)
    reduced = {axis: te.reduce_axis((0, source.shape[axis])) for axis in operator.axes}
    kept = [axis for axis in range(len(source.shape)) if axis not in reduced]
    count = math.prod(source.shape[axis] for axis in operator.axes)

    def total_of(*indices: Any) -> Any:
        index = dict(zip(kept, indices, strict=False)) | reduced
        elements = data[tuple(index[axis] for axis in range(len(source.shape)))]
        return te.sum(elements.astype("int32"), axis=list(reduced.values()))

    # An output of rank 0 still has one element.
    shape = tuple(source.shape[axis] for axis in kept) or (1,)
    total = te.compute(shape, total_of, name="accumulator")

    def element(*indices: Any) -> Any:
        shifted = total[indices] - source.zero_point * count
        return clamped(rescaled(shifted, operator.rescale) + target.zero_point, _INT8, target.dtype)

    output = te.compute(shape, element, name="output")
    return LayerFunction("mean", te.create_prim_func([data, output]), (), (REQUANTIZE_HEADER,))

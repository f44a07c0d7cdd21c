# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Dense layers in tensor expressions, int8 or int16 in and out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.epilogue import Epilogue, once_rounded_epilogue, wide_epilogue
from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER, clamped
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Dense, Tensor
from microtvm.compiler.wide_fixed_point import WideFixedPoints


def define_dense(operator: Dense, tensors: Sequence[Tensor]) -> LayerFunction:
    """Input seen as [batch, in], weights [out, in]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    outputs, depth = operator.weights.shape
    batch = output.elements // outputs
    data = te.placeholder((batch, depth), source.dtype, name="data")
    weights = te.placeholder((outputs, depth), str(operator.weights.dtype), name="weights")
    k = te.reduce_axis((0, depth), name="k")
    zero_point = operator.weights_zero_point
    epilogue = _epilogue(operator, source)
    accumulator = te.compute(
        (batch, outputs),
        lambda n, c: te.sum(
            (data[n, k].astype("int32") * (weights[c, k].astype("int32") - zero_point)).astype(
                epilogue.sum_type
            ),
            axis=k,
        ),
        name="accumulator",
    )
    result = te.compute(
        (batch, outputs),
        lambda n, c: clamped(
            epilogue.rescaled(accumulator[n, c], c) + output.zero_point,
            operator.clamp,
            output.dtype,
        ),
        name="output",
    )
    return LayerFunction(
        name="dense",
        function=te.create_prim_func([data, weights, *epilogue.parameters, result]),
        constants=(operator.weights, *epilogue.constants),
        headers=(REQUANTIZE_HEADER,),
    )


def _epilogue(operator: Dense, source: Tensor) -> Epilogue:
    rows = operator.weights.astype(np.int64) - operator.weights_zero_point
    bias = folded_bias(operator.bias, source.zero_point, rows.sum(axis=1))
    if isinstance(operator.rescale, WideFixedPoints):
        return wide_epilogue(rows, bias, operator.rescale)
    return once_rounded_epilogue(bias, operator.rescale)

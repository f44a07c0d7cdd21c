# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Dense layers in tensor expressions, int8 in and out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tvm import te

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.expressions import (
    REQUANTIZE_HEADER,
    clamped_int8,
    requantize_once,
)
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Dense, Tensor


def define_dense(operator: Dense, tensors: Sequence[Tensor]) -> LayerFunction:
    """Input seen as [batch, in], weights [out, in]; the bias holds the input's zero point."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    outputs, depth = operator.weights.shape
    batch = output.elements // outputs
    data = te.placeholder((batch, depth), "int8", name="data")
    weights = te.placeholder((outputs, depth), "int8", name="weights")
    bias, multiplier, shift = (
        te.placeholder((outputs,), "int32", name=part) for part in ("bias", "multiplier", "shift")
    )
    k = te.reduce_axis((0, depth), name="k")
    zero_point = operator.weights_zero_point
    accumulator = te.compute(
        (batch, outputs),
        lambda n, c: te.sum(
            data[n, k].astype("int32") * (weights[c, k].astype("int32") - zero_point), axis=k
        ),
        name="accumulator",
    )
    result = te.compute(
        (batch, outputs),
        lambda n, c: clamped_int8(
            requantize_once(accumulator[n, c] + bias[c], multiplier[c], shift[c])
            + output.zero_point,
            operator.clamp,
        ),
        name="output",
    )
    sums = (operator.weights.astype(np.int64) - zero_point).sum(axis=1)
    return LayerFunction(
        name="dense",
        function=te.create_prim_func([data, weights, bias, multiplier, shift, result]),
        constants=(
            operator.weights,
            folded_bias(operator.bias, source.zero_point, sums),
            operator.rescale.multiplier,
            operator.rescale.shift,
        ),
        headers=(REQUANTIZE_HEADER,),
    )

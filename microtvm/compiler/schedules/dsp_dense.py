# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A dense layer at batch 1: weights stream past the widened inputs, four rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.dense import DenseMeaning, dense_definition, dense_meaning
from microtvm.compiler.operators import Dense, Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.packing import Product, Rounding, dense_scratch_bytes, pack_dense
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import ScheduleRule, tensorize_layer

_HEADER = "microtvm/kernels/dense_s8.h"


def _applies(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> bool:
    if not isinstance(operator, Dense) or not options.target.has_dsp:
        return False
    if tensors[operator.inputs[0]].dtype != "int8":
        return False
    return tensors[operator.output].elements == len(operator.weights)


def dense_product(operator: Dense, tensors: Sequence[Tensor]) -> Product:
    """The layer for packing: weights less their zero point, the input's zero point in the bias."""
    assert isinstance(operator.rescale, FixedPoints)
    weights = operator.weights.astype(np.int64) - operator.weights_zero_point
    zero_point = tensors[operator.inputs[0]].zero_point
    return Product(
        weights=weights,
        bias=folded_bias(operator.bias, zero_point, weights.sum(axis=1)),
        rescale=operator.rescale,
        zero_point=tensors[operator.output].zero_point,
        rounding=Rounding.ONCE,
    )


def _define(operator: Dense, tensors: Sequence[Tensor], options: CompileOptions) -> LayerFunction:
    packed = pack_dense(dense_product(operator, tensors), operator.weights_zero_point)
    rows, depth = operator.weights.shape
    meaning = DenseMeaning(
        rows=rows,
        depth=depth,
        words=packed.words.size,
        scratch_words=-(-dense_scratch_bytes(depth) // 4),
        weights_zero_point=operator.weights_zero_point,
        clamp=operator.clamp,
        form=rescale_form(packed.form),
    )
    symbol = f"microtvm_dense_s8_{packed.form}"
    sizes = (depth, rows, operator.weights_zero_point, *operator.clamp)
    return LayerFunction(
        name="dense",
        function=dense_definition(meaning),
        constants=(packed.words,),
        headers=(_HEADER,),
        intrinsic=Intrinsic(f"{symbol}{sizes}", dense_meaning(meaning), symbol, _HEADER, sizes),
    )


DENSE = ScheduleRule("dsp_dense", _applies, _define, tensorize_layer)

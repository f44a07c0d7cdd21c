# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A dense layer at batch 1: weights stream past the widened inputs, four rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.dense import DenseMeaning
from microtvm.compiler.operators import Dense, Tensor
from microtvm.compiler.packing import Product, Rounding, dense_scratch_bytes, pack_dense
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import BlockSizes, ScheduleRule, Work, tensorize_layer

_INTRINSIC = INTRINSICS["dense_s8"]
_ROWS = 4  # a turn of the kernel's outer loop


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


def _variants(operator: Dense, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    return ({"weight_bits": 8},)


def _work(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    rows, depth = operator.weights.shape
    turns = -(-rows // _ROWS)
    return {"call": 1, "input": depth, "row_block": turns, "weight": turns * _ROWS * depth}


def _define(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
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
    arguments = (depth, rows, operator.weights_zero_point, *operator.clamp)
    return kernel_layer("dense", _INTRINSIC, (meaning,), packed, arguments)


DENSE = ScheduleRule(
    name="dsp_dense",
    operators=_INTRINSIC.operators,
    precondition=_INTRINSIC.precondition,
    variants=_variants,
    work=_work,
    define=_define,
    apply=tensorize_layer,
)

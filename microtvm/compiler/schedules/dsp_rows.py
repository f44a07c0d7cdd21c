# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Means, tables and softmax, row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from microtvm.compiler.access_order import element_wise_order
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.rows import MeanMeaning, SoftmaxMeaning
from microtvm.compiler.operators import LookUp, Mean, Softmax, Tensor
from microtvm.compiler.overlap import element_wise_overlaps
from microtvm.compiler.schedules.kernel_layer import called_layer
from microtvm.compiler.schedules.rows_overlap import mean_order, mean_overlap
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
    no_scratch,
)
from microtvm.compiler.softmax_scaling import softmax_exponentials
from microtvm.compiler.traffic import table_traffic

_MEAN, _LOOK_UP, _SOFTMAX = (INTRINSICS[name] for name in ("mean_s8", "look_up_s8", "softmax_s8"))


def _mean_shape(operator: Mean, tensors: Sequence[Tensor]) -> tuple[int, int, int]:
    """[outer, count, inner], of which the middle is reduced."""
    shape = tensors[operator.inputs[0]].shape
    reduced = [axis for axis in operator.axes if shape[axis] > 1]
    first, end = (reduced[0], reduced[-1] + 1) if reduced else (len(shape), len(shape))
    return math.prod(shape[:first]), math.prod(shape[first:end]), math.prod(shape[end:])


def _mean_work(operator: Mean, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    outer, count, inner = _mean_shape(operator, tensors)
    is_paired = count * inner % 4 == 0 if inner == 1 else inner % 4 == 0
    name = "element_words" if is_paired else "element_bytes"
    return {"call": 1, "output": outer * inner, name: outer * count * inner}


def _define_mean(operator: Mean, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    shape, rescale = _mean_shape(operator, tensors), operator.rescale
    meaning = MeanMeaning(shape, -source.zero_point * shape[1], rescale, output.zero_point)
    arguments = (
        *(*shape, meaning.offset),
        *(rescale.multiplier, rescale.shift, output.zero_point),
    )
    return called_layer("mean", _MEAN, (meaning,), _MEAN.symbol, arguments)


def _look_up_work(operator: LookUp, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    return {"call": 1, "element": tensors[operator.output].elements}


def _define_look_up(
    operator: LookUp, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    count = tensors[operator.output].elements
    constants = (operator.table,)
    return called_layer(operator.function, _LOOK_UP, (count,), _LOOK_UP.symbol, (count,), constants)


def _softmax_shape(operator: Softmax, tensors: Sequence[Tensor]) -> tuple[int, int]:
    source = tensors[operator.inputs[0]]
    return source.elements // source.shape[-1], source.shape[-1]


def _softmax_work(operator: Softmax, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    rows, width = _softmax_shape(operator, tensors)
    return {"call": 1, "row": rows, "element": rows * width}


def _define_softmax(
    operator: Softmax, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    shape = _softmax_shape(operator, tensors)
    constants = (softmax_exponentials(operator.scaled_beta, operator.difference_min),)
    meaning = SoftmaxMeaning(*shape)
    return called_layer("softmax", _SOFTMAX, (meaning,), _SOFTMAX.symbol, shape, constants)


MEAN = kernel_rule(
    name="dsp_mean",
    intrinsic=_MEAN,
    work=_mean_work,
    define=_define_mean,
    overlaps=lambda operator, tensors, _: (mean_overlap(_mean_shape(operator, tensors)),),
    order=lambda operator, tensors, _: mean_order(_mean_shape(operator, tensors)),
)
LOOK_UP = kernel_rule(
    name="look_up",
    intrinsic=_LOOK_UP,
    work=_look_up_work,
    define=_define_look_up,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
    scratch=no_scratch,
    traffic=table_traffic,
)
SOFTMAX = kernel_rule(
    name="dsp_softmax",
    intrinsic=_SOFTMAX,
    work=_softmax_work,
    define=_define_softmax,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
    scratch=no_scratch,
    traffic=table_traffic,
)

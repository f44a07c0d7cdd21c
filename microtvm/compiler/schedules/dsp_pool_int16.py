# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Average and max pools of int16 images: two channels at a time."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.pool import PoolMeaning
from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Tensor
from microtvm.compiler.schedules.kernel_layer import called_layer
from microtvm.compiler.schedules.pool_overlap import channels_pool_order, channels_pool_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    ScheduleRule,
    Work,
    kernel_rule,
)
from microtvm.compiler.traffic import read_for_each_output

Pool = AveragePool2D | MaxPool2D


def _work(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    windows, channels = output[0] * output[1] * output[2], source[3]
    height, width = operator.window.size
    kind, groups = ("half", channels) if channels % 2 else ("word", channels // 2)
    return {
        "call": 1,
        "window": windows,
        kind: windows * groups,
        f"row_{kind}": windows * groups * height,
        f"tap_{kind}": windows * groups * height * width,
    }


def _define(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    is_average = isinstance(operator, AveragePool2D)
    window = operator.window
    meaning = PoolMeaning(
        shape=(source[0], source[1], source[2], source[3]),
        output=(output[0], output[1], output[2], output[3]),
        layout=operator.layout,
        window=window,
        is_average=is_average,
        clamp=operator.clamp,
        scratch_words=0,
        dtype="int16",
    )
    intrinsic = INT16["average_pool_s16" if is_average else "max_pool_s16"]
    arguments = (
        *(*source, *output[1:3], *window.size, *window.strides),
        *(*window.padding[:2], *operator.clamp),
    )
    return called_layer(operator.kind, intrinsic, (meaning,), intrinsic.symbol, arguments)


def _rule(name: str, intrinsic: Intrinsic) -> ScheduleRule:
    return kernel_rule(
        name=name,
        intrinsic=intrinsic,
        work=_work,
        define=_define,
        overlaps=channels_pool_overlaps,
        order=channels_pool_order,
        traffic=read_for_each_output,
    )


AVERAGE_POOL_INT16 = _rule("dsp_average_pool_int16", INT16["average_pool_s16"])
MAX_POOL_INT16 = _rule("dsp_max_pool_int16", INT16["max_pool_s16"])

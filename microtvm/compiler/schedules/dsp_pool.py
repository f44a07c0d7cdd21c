# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Average and max pools: eight channels at a time, or four columns where a channel is an image."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.pool import PoolMeaning
from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Tensor
from microtvm.compiler.schedules.kernel_layer import called_layer
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    ScheduleRule,
    Work,
    no_variants,
    tensorize_layer,
)
from microtvm.compiler.traffic import read_for_each_output

Pool = AveragePool2D | MaxPool2D


def _is_by_rows(operator: Pool, tensors: Sequence[Tensor]) -> bool:
    """Whether each channel lies by itself."""
    return operator.layout == "NCHW" or tensors[operator.inputs[0]].shape[3] == 1


def _work(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    height, width = operator.window.size
    if _is_by_rows(operator, tensors):
        columns = source[operator.layout.index("W")]
        outputs = tensors[operator.output].elements
        rows = outputs // output[operator.layout.index("W")]
        return {
            "call": 1,
            "row": rows,
            "column_tap": rows * columns * height,
            "output": outputs,
            "output_tap": outputs * width,
        }
    windows = output[0] * output[1] * output[2]
    channels = source[3]
    group, name = (8, "words") if channels % 4 == 0 else (4, "bytes")
    groups = windows * -(-channels // group)
    return {
        "call": 1,
        "window": windows,
        f"group_{name}": groups,
        f"tap_{name}": groups * height * width,
    }


def _scratch(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> int | None:
    return None if _is_by_rows(operator, tensors) else 0


def _define(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    is_average = isinstance(operator, AveragePool2D)
    by_rows = _is_by_rows(operator, tensors)
    place = {axis: operator.layout.index(axis) for axis in "NCHW"}
    height, width = source[place["H"]], source[place["W"]]
    images, channels = source[place["N"]], source[place["C"]]
    meaning = PoolMeaning(
        shape=(source[0], source[1], source[2], source[3]),
        output=(output[0], output[1], output[2], output[3]),
        layout=operator.layout,
        window=operator.window,
        is_average=is_average,
        clamp=operator.clamp,
        scratch_words=-(-width // (2 if is_average else 4)) if by_rows else 0,
    )
    name = "average_pool" if is_average else "max_pool"
    intrinsic = INTRINSICS[f"{name}_rows_s8" if by_rows else f"{name}_s8"]
    shape = (images * channels, height, width) if by_rows else (images, height, width, channels)
    window = operator.window
    arguments = (
        *(*shape, output[place["H"]], output[place["W"]], *window.size, *window.strides),
        *(*window.padding[:2], *operator.clamp),
    )
    return called_layer(f"{name}2d", intrinsic, (meaning,), intrinsic.symbol, arguments)


AVERAGE_POOL = ScheduleRule(
    name="dsp_average_pool",
    operators=(AveragePool2D,),
    precondition=INTRINSICS["average_pool_s8"].precondition,
    variants=no_variants,
    work=_work,
    define=_define,
    apply=tensorize_layer,
    traffic=read_for_each_output,
    scratch=_scratch,
    layouts=("NHWC", "NCHW"),
)
MAX_POOL = ScheduleRule(
    name="dsp_max_pool",
    operators=(MaxPool2D,),
    precondition=INTRINSICS["max_pool_s8"].precondition,
    variants=no_variants,
    work=_work,
    define=_define,
    apply=tensorize_layer,
    traffic=read_for_each_output,
    scratch=_scratch,
    layouts=("NHWC", "NCHW"),
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Average and max pools: eight channels at a time, or four columns where a channel is an image."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.pool import PoolMeaning
from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Tensor, Window
from microtvm.compiler.schedules.kernel_layer import called_layer
from microtvm.compiler.schedules.pool_overlap import Pool, is_by_rows, pool_order, pool_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    ScheduleRule,
    Work,
    no_variants,
    tensorize_layer,
)
from microtvm.compiler.traffic import read_for_each_output


def _work(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    height, width = operator.window.size
    if is_by_rows(operator, tensors):
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
    windows, channels = output[0] * output[1] * output[2], source[3]
    # Words are taken two at a time while there are two, bytes by four and then by one.
    sizes = (8, 4) if channels % 4 == 0 else (4, 1)
    counts = (channels // sizes[0], channels % sizes[0] // sizes[1])
    name = "words" if channels % 4 == 0 else "bytes"
    taps = output[0] * math.prod(_taps(operator.window, source, output, axis) for axis in (0, 1))
    work = {"call": 1, "window": windows}
    for size, count in zip(sizes, counts, strict=True):
        work[f"group_{name}_{size}"] = windows * count
        work[f"tap_{name}_{size}"] = taps * count
    return {term: count for term, count in work.items() if count}


def _taps(window: Window, source: Sequence[int], output: Sequence[int], axis: int) -> int:
    """Along an axis of NHWC images, the pixels inside the image that all windows have together."""
    starts = np.arange(output[1 + axis]) * window.strides[axis] - window.padding[axis]
    ends = np.minimum(starts + window.size[axis], source[1 + axis])
    return int((ends - np.maximum(starts, 0)).sum())


def _scratch(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> int | None:
    return None if is_by_rows(operator, tensors) else 0


def _define(operator: Pool, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]].shape, tensors[operator.output].shape
    is_average = isinstance(operator, AveragePool2D)
    by_rows = is_by_rows(operator, tensors)
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


def _rule(name: str, operator: type[AveragePool2D | MaxPool2D]) -> ScheduleRule:
    return ScheduleRule(
        name=f"dsp_{name}",
        operators=(operator,),
        precondition=INTRINSICS[f"{name}_s8"].precondition,
        variants=no_variants,
        work=_work,
        define=_define,
        apply=tensorize_layer,
        traffic=read_for_each_output,
        scratch=_scratch,
        layouts=("NHWC", "NCHW"),
        overlaps=pool_overlaps,
        order=pool_order,
    )


AVERAGE_POOL = _rule("average_pool", AveragePool2D)
MAX_POOL = _rule("max_pool", MaxPool2D)

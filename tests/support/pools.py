# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of AVERAGE_POOL_2D, MAX_POOL_2D and MEAN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import tflite
from tflite_writer import Options

from support.single_operator import ACTIVATIONS, PADDINGS, Operand, single_operator
from support.windows import output_size

_BUILTINS = {
    "average": tflite.BuiltinOperator.AVERAGE_POOL_2D,
    "max": tflite.BuiltinOperator.MAX_POOL_2D,
}


def pool(
    name: str,
    source: Operand,
    size: tuple[int, int],
    strides: tuple[int, int],
    padding: str,
    activation: str = "none",
) -> bytes:
    """`name` is "average" or "max"; the output has the input's scale and zero point."""
    batch, height, width, channels = source.shape
    rows, columns = (
        output_size(length, window, stride, 1, padding)
        for length, window, stride in zip((height, width), size, strides, strict=True)
    )
    options = {
        "padding": PADDINGS[padding],
        "stride_h": strides[0],
        "stride_w": strides[1],
        "filter_height": size[0],
        "filter_width": size[1],
        "fused_activation_function": ACTIVATIONS[activation],
    }
    return single_operator(
        _BUILTINS[name],
        [source],
        [replace(source, shape=(batch, rows, columns, channels))],
        Options("Pool2DOptions", options),
        version=2,
    )


def mean(source: Operand, output: Operand, axes: Sequence[int], keep_dims: bool) -> bytes:
    """`output`'s shape is filled in."""
    reduced = {axis % len(source.shape) for axis in axes}
    shape = [
        1 if axis in reduced else size
        for axis, size in enumerate(source.shape)
        if keep_dims or axis not in reduced
    ]
    return single_operator(
        tflite.BuiltinOperator.MEAN,
        [source, Operand.constant(list(axes))],
        [replace(output, shape=tuple(shape))],
        Options("ReducerOptions", {"keep_dims": keep_dims}),
        version=2,
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators that are converted by the output shape in the file, which must be TFLite's own."""

from __future__ import annotations

import math

from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.slice_bounds import SliceArguments, sliced_shape


def check_reshape(operands: Operands) -> None:
    tensors = operands.inputs
    wanted = operands.numbers(1) if len(tensors) > 1 else operands.option("NewShape")
    elements = math.prod(tensors[0].shape)
    operands.require_shape(_resolved(() if wanted == (0,) else wanted, elements))


def _resolved(wanted: tuple[int, ...], elements: int) -> tuple[int, ...]:
    """The shape with its -1, if there is one, filled in; [0] is TFLite's old word for a scalar."""
    known = math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) > 1 or any(size < -1 for size in wanted):
        raise ValueError(f"reshape to {wanted}")
    if -1 in wanted and known > 0 and elements % known == 0:
        wanted = tuple(elements // known if size == -1 else size for size in wanted)
    if math.prod(wanted) != elements:
        raise ValueError(f"reshape of {elements} elements to {wanted}")
    return wanted


def check_squeeze(operands: Operands) -> None:
    """No axes means every dimension of 1."""
    shape = operands.inputs[0].shape
    named = operands.option("SqueezeDims")
    rank = len(shape)
    for axis in named:
        if not -rank <= axis < rank or shape[axis] != 1:
            raise ValueError(f"squeeze of axis {axis} of the shape {shape}")
    axes = {axis % rank for axis in named} or {i for i, size in enumerate(shape) if size == 1}
    operands.require_shape(tuple(size for i, size in enumerate(shape) if i not in axes))


def check_expand_dims(operands: Operands) -> None:
    shape = operands.inputs[0].shape
    axes = operands.numbers(1, len(operands.inputs[1].shape))
    if len(axes) != 1 or not -len(shape) - 1 <= axes[0] <= len(shape):
        raise ValueError(f"axes {axes} to add to the shape {shape}")
    axis = axes[0] % (len(shape) + 1)
    operands.require_shape((*shape[:axis], 1, *shape[axis:]))


def check_strided_slice(operands: Operands) -> None:
    if operands.option("Offset"):
        raise ValueError("a slice whose end is relative to its begin")
    arguments = SliceArguments(
        begin=operands.numbers(1),
        end=operands.numbers(2),
        strides=operands.numbers(3),
        begin_mask=operands.option("BeginMask"),
        end_mask=operands.option("EndMask"),
        ellipsis_mask=operands.option("EllipsisMask"),
        new_axis_mask=operands.option("NewAxisMask"),
        shrink_axis_mask=operands.option("ShrinkAxisMask"),
    )
    operands.require_shape(sliced_shape(operands.inputs[0].shape, arguments))

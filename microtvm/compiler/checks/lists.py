# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators with a constant list of axes, sizes or widths."""

from __future__ import annotations

import tflite

from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.checks.windows import check_rank

# Each row and column of a resize takes an index in flash.
_LARGEST_RESIZE = 2**15


def check_mean(operands: Operands) -> None:
    rank = len(operands.inputs[0].shape)
    axes = operands.numbers(1, len(operands.inputs[1].shape))
    if len(operands.inputs[1].shape) > 1 or not axes:
        raise ValueError("its axes are not a list of one or more")
    _check_axes(axes, rank)
    reduced = {axis % rank for axis in axes}
    if len(reduced) < len(axes):
        raise ValueError(f"its axes {axes} name one twice")
    operands.require_shape(_reduced(operands, reduced))


def _reduced(operands: Operands, axes: set[int]) -> tuple[int, ...]:
    keep = operands.option("KeepDims")
    sizes = enumerate(operands.inputs[0].shape)
    return tuple(1 if axis in axes else size for axis, size in sizes if keep or axis not in axes)


def check_concatenation(operands: Operands) -> None:
    rank = len(operands.output.shape)
    for tensor in operands.inputs:
        check_rank(tensor.shape, rank, f"its input {tensor}")
    axis = operands.option("Axis")
    _check_axes((axis,), rank)
    shape = list(operands.inputs[0].shape)
    shape[axis] = sum(tensor.shape[axis] for tensor in operands.inputs)
    for tensor in operands.inputs:
        other = [*tensor.shape]
        other[axis] = shape[axis]
        if other != shape:
            raise ValueError(f"its input {tensor} does not go with the first along axis {axis}")
    operands.require_shape(tuple(shape))
    _check_no_activation(operands)


def _check_no_activation(operands: Operands) -> None:
    fused = operands.option("FusedActivationFunction")
    if fused != tflite.ActivationFunctionType.NONE:
        raise ValueError(f"its fused activation, number {fused}, is not supported")


def check_transpose(operands: Operands) -> None:
    rank = len(operands.inputs[0].shape)
    axes = operands.numbers(1)
    _check_axes(axes, rank)
    if sorted(axis % rank for axis in axes) != list(range(rank)):
        raise ValueError(f"its axes {axes} are not a permutation of {rank}")


def check_pad(operands: Operands) -> None:
    shape = operands.inputs[0].shape
    widths = operands.numbers(1, 2, ("int32", "int64"))
    if len(widths) != 2 * len(shape) or min(widths, default=0) < 0:
        raise ValueError(f"its widths {widths} are not two, 0 or more, for each of {len(shape)}")
    pairs = zip(shape, widths[::2], widths[1::2], strict=True)
    operands.require_shape(tuple(size + before + after for size, before, after in pairs))


def check_pad_value(operands: Operands) -> None:
    data, _, value = operands.inputs
    if value.data is None or value.data.size != 1:
        raise ValueError(f"its value {value} is not one constant")
    if value.dtype != data.dtype or value.scales != data.scales:
        raise ValueError(f"its value {value} has not the type and the scale of {data}")
    if value.zero_points != data.zero_points:
        raise ValueError(f"its value {value} has not the zero point of {data}")
    check_pad(operands)


def check_resize(operands: Operands) -> None:
    data, _ = operands.inputs
    check_rank(data.shape, 4, "its input")
    size = operands.numbers(1)
    if len(size) != 2 or not all(1 <= number <= _LARGEST_RESIZE for number in size):
        raise ValueError(f"its size is {size}, not two numbers from 1 to {_LARGEST_RESIZE}")
    if operands.option("AlignCorners") and operands.option("HalfPixelCenters"):
        raise ValueError("align_corners and half_pixel_centers exclude each other")
    operands.require_shape((data.shape[0], *size, data.shape[3]))


def _check_axes(axes: tuple[int, ...], rank: int) -> None:
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"axis {axis} of a tensor of rank {rank}")

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator without weights must be for a micro-kernel: None, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.broadcast import collapse_broadcast
from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Concatenate,
    MaxPool2D,
    Mean,
    Multiply,
    Pad,
    Tensor,
)
from microtvm.compiler.preconditions import has_int8_data

# Sums of a column of a window have 16 bits.
_MOST_ROWS = 255
_MOST_OPERANDS = 4


def is_binary_rows(operator: Add | Multiply, tensors: Sequence[Tensor]) -> str | None:
    """Whether its operands are rows that differ in no more than two dimensions."""
    shapes = collapse_broadcast(*(tensors[index].shape for index in operator.inputs))
    rank = len(shapes.output)
    return has_int8_data(operator, tensors) or (
        None if rank <= 2 else f"takes operands broadcast along two dimensions, not {rank}"
    )


def is_pool(operator: AveragePool2D | MaxPool2D, tensors: Sequence[Tensor]) -> str | None:
    height = operator.window.size[0]
    if operator.layout == "NCHW" and height > _MOST_ROWS:
        return f"takes windows of up to {_MOST_ROWS} rows, not {height}"
    return has_int8_data(operator, tensors)


def is_short_concatenation(operator: Concatenate, tensors: Sequence[Tensor]) -> str | None:
    count = len(operator.inputs)
    if not 2 <= count <= _MOST_OPERANDS:
        return f"takes two to {_MOST_OPERANDS} operands, not {count}"
    return has_int8_data(operator, tensors)


def is_border(operator: Pad, tensors: Sequence[Tensor]) -> str | None:
    padded = sum(1 for widths in zip(operator.before, operator.after, strict=True) if any(widths))
    return has_int8_data(operator, tensors) or (
        None if padded <= 2 else f"takes borders along two dimensions, not {padded}"
    )


def is_mean_of_neighbours(operator: Mean, tensors: Sequence[Tensor]) -> str | None:
    """Whether no dimension that is kept lies between two that are reduced."""
    shape = tensors[operator.inputs[0]].shape
    reduced = [axis for axis in operator.axes if shape[axis] > 1]
    between = range(reduced[0], reduced[-1]) if reduced else range(0)
    kept = [axis for axis in between if axis not in operator.axes and shape[axis] > 1]
    return has_int8_data(operator, tensors) or (
        f"takes dimensions side by side, not {', '.join(map(str, reduced))}" if kept else None
    )

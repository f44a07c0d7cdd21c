# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which rows of its inputs an operator reads for some rows of its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Concatenate,
    Conv2D,
    DepthwiseConv2D,
    Dequantize,
    LookUp,
    MaxPool2D,
    Multiply,
    Operator,
    Quantize,
    Softmax,
    Tensor,
)

# From the first row to before the last one.
Rows = tuple[int, int]

Windowed = AveragePool2D | Conv2D | DepthwiseConv2D | MaxPool2D
# A row of the output is made of the same rows of the inputs.
_ROW_BY_ROW = (Add, Concatenate, Dequantize, LookUp, Multiply, Quantize, Softmax)
_CHANNELS = 3  # the axis


@dataclass(frozen=True)
class RowsRead:
    """Of one input.

    Attributes:
        rows: None for an input without rows of its own, which is read whole.
        above, below: rows of padding around them.
    """

    rows: Rows | None
    above: int = 0
    below: int = 0


def can_stripe(operator: Operator, tensors: Sequence[Tensor]) -> bool:
    """Whether some rows of its output can be computed alone, by the same operator on fewer rows."""
    output = tensors[operator.output]
    if operator.layout != "NHWC" or not _is_image(output):
        return False
    inputs = [tensors[index] for index in operator.inputs]
    if isinstance(operator, Windowed):
        rows = range(output.shape[1])
        return _is_image(inputs[0]) and all(_window(operator, inputs[0], (r, r + 1)) for r in rows)
    if isinstance(operator, Concatenate) and operator.axis != _CHANNELS:
        return False
    return isinstance(operator, _ROW_BY_ROW) and all(
        (source.data is None and _has_rows_of(source, output)) or _is_broadcast(source)
        for source in inputs
    )


def rows_read(operator: Operator, tensors: Sequence[Tensor], rows: Rows) -> list[RowsRead]:
    """What each input must have for some rows of the output.

    Args:
        operator: one that `can_stripe`.
    """
    inputs = [tensors[index] for index in operator.inputs]
    if isinstance(operator, Windowed):
        read = _window(operator, inputs[0], rows)
        assert read is not None
        return [read]
    output = tensors[operator.output]
    return [RowsRead(rows if _has_rows_of(source, output) else None) for source in inputs]


def with_rows(operator: Operator, read: Sequence[RowsRead]) -> Operator:
    """The operator with the padding that is left of it."""
    if not isinstance(operator, Windowed):
        return operator
    _, left, _, right = operator.window.padding
    padding = (read[0].above, left, read[0].below, right)
    return replace(operator, window=replace(operator.window, padding=padding))


def _is_image(tensor: Tensor) -> bool:
    return len(tensor.shape) == 4 and tensor.shape[0] == 1 and tensor.data is None


def _has_rows_of(source: Tensor, output: Tensor) -> bool:
    return len(source.shape) == 4 and source.shape[:2] == output.shape[:2]


def _is_broadcast(source: Tensor) -> bool:
    """Whether there is one row for all."""
    return len(source.shape) < 3 or source.shape[-3] == 1


def _window(operator: Windowed, source: Tensor, rows: Rows) -> RowsRead | None:
    """None where a window has padding alone."""
    window, height = operator.window, source.shape[1]
    first = rows[0] * window.strides[0] - window.padding[0]
    reach = (window.size[0] - 1) * window.dilation[0] + 1
    end = (rows[1] - 1) * window.strides[0] - window.padding[0] + reach
    inside = max(0, first), min(height, end)
    if inside[0] >= inside[1]:
        return None
    return RowsRead(inside, max(0, -first), max(0, end - height))

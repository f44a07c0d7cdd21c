# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Rows that stripes read, compared with where each tap of each window is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.operators import (
    AveragePool2D,
    Concatenate,
    LookUp,
    MaxPool2D,
    Mean,
    Multiply,
    Operator,
    Tensor,
    Window,
)
from microtvm.compiler.stripes.rows import RowsRead, can_stripe, rows_read, with_rows

_CLAMP = (-128, 127)
_WINDOWS = [
    (size, stride, dilation, top)
    for size, stride, dilation, top in itertools.product((1, 2, 3, 5), (1, 2, 3), (1, 2), (0, 1, 2))
    if top < size
]


def _tensor(*shape: int) -> Tensor:
    return Tensor("t", shape, "int8")


def _pool(size: int, stride: int, dilation: int, padding: tuple[int, int]) -> MaxPool2D:
    window = Window((size, 1), (stride, 1), (dilation, 1), (padding[0], 0, padding[1], 0))
    return MaxPool2D((0,), 1, window, _CLAMP)


def _taps(operator: MaxPool2D, row: int) -> list[int]:
    window = operator.window
    first = row * window.strides[0] - window.padding[0]
    return [first + tap * window.dilation[0] for tap in range(window.size[0])]


@pytest.mark.parametrize(("size", "stride", "dilation", "top"), _WINDOWS)
def test_every_tap_is_where_it_was(size: int, stride: int, dilation: int, top: int) -> None:
    height, rows = 12, (11 + 2 * top - (size - 1) * dilation) // stride
    operator = _pool(size, stride, dilation, (top, top))
    tensors = (_tensor(1, height, 4, 4), _tensor(1, rows, 4, 4))
    assert rows > 0
    assert can_stripe(operator, tensors) == all(
        any(0 <= tap < height for tap in _taps(operator, row)) for row in range(rows)
    )
    if not can_stripe(operator, tensors):
        return
    for first, end in itertools.combinations(range(rows + 1), 2):
        (read,) = rows_read(operator, tensors, (first, end))
        assert read.rows is not None
        stripe = with_rows(operator, [read])
        assert isinstance(stripe, MaxPool2D)
        for row in range(first, end):
            there = [read.rows[0] + tap for tap in _taps(stripe, row - first)]
            assert there == _taps(operator, row)
        taps = [tap for row in range(first, end) for tap in _taps(operator, row)]
        assert read.rows == (max(0, min(taps)), min(height, max(taps) + 1))


def _element_wise(*shapes: tuple[int, ...]) -> tuple[Operator, tuple[Tensor, ...]]:
    rescale = FixedPoint.from_real(0.5)
    tensors = tuple(_tensor(*shape) for shape in (*shapes, (1, 6, 4, 8)))
    return Multiply((0, 1), 2, rescale, _CLAMP), tensors


@pytest.mark.parametrize(
    ("shape", "rows"),
    [
        ((1, 6, 4, 8), RowsRead((2, 5))),
        ((1, 6, 1, 1), RowsRead((2, 5))),
        ((1, 1, 4, 8), RowsRead(None)),
        ((1, 1, 1, 8), RowsRead(None)),
        ((4, 8), RowsRead(None)),
        ((8,), RowsRead(None)),
    ],
)
def test_operands_of_one_row_are_read_whole(shape: tuple[int, ...], rows: RowsRead) -> None:
    operator, tensors = _element_wise((1, 6, 4, 8), shape)
    assert can_stripe(operator, tensors)
    assert rows_read(operator, tensors, (2, 5)) == [RowsRead((2, 5)), rows]
    assert with_rows(operator, rows_read(operator, tensors, (2, 5))) is operator


def test_what_cannot_run_in_stripes() -> None:
    image, batch = _tensor(1, 6, 4, 8), _tensor(2, 6, 4, 8)
    constant = Tensor("c", (1, 6, 4, 8), "int8", data=np.zeros((1, 6, 4, 8), np.int8))
    table = LookUp((0,), 1, "relu", np.zeros(256, np.int8))
    assert can_stripe(table, (image, image))
    assert not can_stripe(table, (batch, batch))
    assert not can_stripe(table, (_tensor(6, 8), _tensor(6, 8)))
    rescale = FixedPoint.from_real(0.5)
    assert not can_stripe(Multiply((0, 1), 2, rescale, _CLAMP), (image, constant, image))
    assert not can_stripe(Mean((0,), 1, (1, 2), rescale), (image, _tensor(1, 8)))
    window = Window((2, 2), (2, 2))
    pool = AveragePool2D((0,), 1, window, _CLAMP, layout="NCHW")
    assert not can_stripe(pool, (image, _tensor(1, 3, 2, 8)))


@pytest.mark.parametrize(("axis", "expected"), [(1, False), (2, False), (3, True)])
def test_only_channels_are_joined_row_by_row(axis: int, expected: bool) -> None:
    image = _tensor(1, 6, 4, 8)
    shape = [1, 6, 4, 8]
    shape[axis] *= 2
    assert can_stripe(Concatenate((0, 1), 2, axis), (image, image, _tensor(*shape))) == expected

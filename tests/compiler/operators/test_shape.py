# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators that only move elements, against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
from support.draws import Draws
from support.operator_suite import OperatorSuite
from support.shapes import (
    Slice,
    concatenation,
    expand_dims,
    pad,
    reshape,
    resize_nearest,
    squeeze,
    strided_slice,
    transpose,
)

Shape = tuple[int, ...]
PADS: tuple[tuple[Shape, tuple[tuple[int, int], ...]], ...] = (
    ((3,), ((2, 1),)),
    ((2, 3), ((0, 0), (0, 0))),
    ((2, 3), ((1, 0), (0, 4))),
    ((1, 4, 5, 3), ((0, 0), (1, 2), (0, 3), (0, 0))),
    ((2, 3, 4, 5), ((1, 0), (0, 1), (2, 2), (1, 1))),
    ((2, 2, 2, 2, 2), ((1, 0), (0, 1), (2, 2), (1, 1), (0, 0))),
)
CONCATENATIONS: tuple[tuple[tuple[Shape, ...], int], ...] = (
    (((1, 2, 3), (1, 4, 3)), 1),
    (((2, 3), (2, 1), (2, 9)), -1),
    (((5,), (1,), (2,), (8,)), 0),
    (((1, 2, 2, 3), (1, 2, 2, 33)), 3),
    (((1, 2, 2, 3), (2, 2, 2, 3)), 0),
    (((2, 1, 2, 2, 3), (2, 1, 4, 2, 3)), -3),
)
TRANSPOSES: tuple[tuple[Shape, Shape], ...] = (
    ((2, 3), (1, 0)),
    ((17, 33), (1, 0)),
    ((2, 3, 4), (2, 0, 1)),
    ((2, 3, 4), (0, 1, 2)),
    ((2, 3, 4, 5), (0, 3, 1, 2)),
    ((2, 3, 4, 5), (3, 2, 1, 0)),
    ((2, 3, 4, 5, 6), (4, 2, 0, 3, 1)),
)
SLICES: tuple[tuple[Shape, Slice], ...] = (
    ((9,), Slice((1,), (8,), (3,))),
    ((9,), Slice((8,), (0,), (-2,))),
    ((9,), Slice((0,), (0,), (-1,), begin_mask=1, end_mask=1)),
    ((4, 9), Slice((-3, -100), (100, -1), (1, 2))),
    ((4, 9), Slice((3, -1), (0, 0), (-1, -3), end_mask=3)),
    ((4, 9), Slice((2, 1), (0, 7), (1, 2), shrink_axis_mask=1)),
    ((4, 9), Slice((1, -1), (3, 0), (1, 1), shrink_axis_mask=2)),
    ((4, 9), Slice((-1, -1), (0, 0), (1, 1), shrink_axis_mask=3)),
    ((4, 9, 3), Slice((1,), (3,), (1,))),
    ((1, 8, 8, 5), Slice((0, 0, 1, 0), (1, 8, 8, 5), (1, 2, 2, 1), begin_mask=9, end_mask=13)),
    ((1, 8, 8, 5), Slice((0, 7, 7, 4), (0, 0, 0, 0), (1, -2, -3, -1), end_mask=15)),
    ((3, 4, 5), Slice((0, 1), (0, 3), (1, 1), ellipsis_mask=1)),
    ((3, 4, 5), Slice((2, 0, 4), (0, 0, 0), (1, 1, -2), shrink_axis_mask=1, ellipsis_mask=2)),
    ((3, 4), Slice((0, 1, 0), (0, 3, 4), (1, 1, 1), new_axis_mask=1)),
    ((3, 4), Slice((1, 0, 0), (3, 0, 4), (1, 1, 3), new_axis_mask=2)),
    ((2, 3, 2, 3, 2), Slice((0, 2, 0, 1, 0), (2, 0, 2, 3, 1), (1, -1, 1, 1, 1))),
)


def _cases() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for shape, widths in PADS:
        yield f"pad {shape} by {widths}", pad(draws.quantized().operand(shape), widths)
        value = draws.between(-128, 127)
        model = pad(draws.quantized().operand(shape), widths, value)
        yield f"pad {shape} by {widths} with {value}", model
    for shape, axes in TRANSPOSES:
        yield f"transpose {shape} to {axes}", transpose(draws.quantized().operand(shape), axes)
    for shape, taken in SLICES:
        model = strided_slice(draws.quantized().operand(shape), taken)
        yield f"strided_slice {shape} {taken}", model
    for shape, target in (((2, 3, 4), (6, 4)), ((5,), (1, 5, 1)), ((1, 4), (-1, 2))):
        yield f"reshape {shape} to {target}", reshape(draws.quantized().operand(shape), target)
    yield "reshape by squeeze", squeeze(draws.quantized().operand((1, 4, 1, 3)), (0, 2))
    yield "reshape by expand_dims", expand_dims(draws.quantized().operand((4, 3)), -1)


def _concatenations() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for shapes, axis in CONCATENATIONS:
        scale = draws.quantized()
        sources = [scale.operand(shape) for shape in shapes]
        yield f"concatenate {shapes} along {axis}", concatenation(sources, axis)
    scale = draws.quantized()
    sources = [scale.operand((2, 3)), scale.operand((1, 3), draws.values((1, 3)))]
    yield "concatenate a constant", concatenation(sources, 0)


def _resizes() -> Iterator[tuple[str, bytes]]:
    draws = Draws(3)
    for size in ((7, 9), (1, 1), (10, 5), (2, 3), (33, 31), (4, 5)):
        for mode in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            source = draws.quantized().operand((draws.between(1, 2), 4, 5, draws.between(1, 5)))
            yield f"resize_nearest to {size} {mode}", resize_nearest(source, size, **mode)


CASES = {**dict(_cases()), **dict(_concatenations()), **dict(_resizes())}
# By kernels where there are any; some by plain loops, as on cores without the DSP extension.
CHOOSE = choose_kernel
PLAIN_CASES = dict(list(CASES.items())[::3])


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == [name.split()[0]]


@pytest.mark.parametrize("name", PLAIN_CASES)
def test_plain_loops_equal_the_reference(plain_suite: OperatorSuite, name: str) -> None:
    plain_suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_taken(suite: OperatorSuite, name: str) -> None:
    kernel = {"pad": "pad_rows", "concatenate": "copy_rows", "reshape": "copy"}
    taken = kernel.get(name.split()[0], "plain")
    # Borders along more than two dimensions.
    is_plain = "pad (2, 3, 4, 5)" in name or "pad (2, 2, 2, 2, 2)" in name
    assert suite.schedules(name) == ["plain" if is_plain else taken]

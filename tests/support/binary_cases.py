# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random sums, differences and products for tests/kernels/elementwise.c, with what numpy gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoint, multiply_twice_rounded
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_add import SUM_FORMS, Sum, pack_add
from microtvm.compiler.packing_multiply import MULTIPLY_FORMS, pack_multiply
from microtvm.compiler.rescales import ADD_LEFT_SHIFT, add_rescales, multiply_rescale
from support.channelwise_cases import Case
from support.elementwise_cases import Operation, operator_case

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Broadcast:
    """Rows of two operands: [1 or rows, width] and [1 or rows, 1 or width]."""

    rows: int
    width: int
    first_rows: int
    second: tuple[int, int]

    @property
    def arguments(self) -> tuple[int, ...]:
        """Those of the C function, without the bounds."""
        second_row = self.second[1] if self.second[0] > 1 else 0
        first_row = self.width if self.first_rows > 1 else 0
        return (self.rows, self.width, first_row, second_row)

    def draw(self, draw: np.random.Generator) -> tuple[Array, Array]:
        shapes = ((self.first_rows, self.width), self.second)
        first, second = (draw.integers(-128, 128, shape).astype(np.int8) for shape in shapes)
        return first, second


def draw_broadcast(draw: np.random.Generator) -> Broadcast:
    """Half of them of one shape; of a row, a column, an element, a row and a column."""
    rows, width = int(draw.integers(1, 6)), int(draw.integers(1, 40))
    kinds = (
        Broadcast(1, rows * width, 1, (1, rows * width)),
        Broadcast(rows, width, rows, (1, width)),
        Broadcast(rows, width, rows, (rows, 1)),
        Broadcast(1, width, 1, (1, 1)),
        Broadcast(rows, width, 1, (rows, 1)),
    )
    return kinds[max(0, int(draw.integers(-3, 5)))]


def draw_sum(draw: np.random.Generator, kind: int) -> Sum:
    """Kind 0 has scales of powers of two, whose sums lie between two outputs; 1 a fine output; 2
    scales that are round decimals, with sums so near the middle of two outputs that TFLite's own
    steps decide.
    """
    scales = 2.0 ** draw.uniform(-8, 0, 3)
    scales[2] = scales[:2].max() * draw.uniform(0.7, 2.0)
    if kind == 0:
        scales = 2.0 ** draw.integers(-4, 0, 3)
    if kind == 2:
        scales = draw.choice([0.05, 0.07, 0.1, 0.12, 0.03], 3)
    if kind == 1:
        # Hardly more than the finest that there may be.
        scales[2] = 1.5 * 2.0 ** (1 - ADD_LEFT_SHIFT) * scales[:2].max()
    rescales = add_rescales(*scales.astype(np.float32).tolist())
    zero_points = [int(n) for n in draw.integers(-128, 128, 3)]
    return Sum(
        left_shift=ADD_LEFT_SHIFT,
        first=rescales.first,
        second=rescales.second,
        rescale=rescales.output,
        zero_points=(zero_points[0], zero_points[1], zero_points[2]),
        clamp=(-128, 127) if draw.integers(3) else (-60, 30),
        subtract=bool(draw.integers(2)),
    )


def add_case(draw: np.random.Generator, index: int) -> Case:
    """Every fourth of each kind of scales that are not the usual ones."""
    total, shape = draw_sum(draw, index % 4), draw_broadcast(draw)
    data = shape.draw(draw)
    left, right = (
        _scaled((data[i].astype(np.int64) - total.zero_points[i]) << ADD_LEFT_SHIFT, scale)
        for i, scale in enumerate((total.first, total.second))
    )
    result = _scaled(left - right if total.subtract else left + right, total.rescale)
    result = np.clip(result + total.zero_points[2], *total.clamp)
    packed = pack_add(total)
    form = SUM_FORMS.index(packed.form) + (shape.second[1] != shape.width) * len(SUM_FORMS)
    return _case(draw, (Operation.ADD, form), data, (packed, shape, total.clamp), result)


def multiply_case(draw: np.random.Generator, index: int) -> Case:
    """Every fourth with a scale of 1/2 and above."""
    scales = (2.0 ** draw.uniform(-8, -4, 3)).astype(np.float32)
    scales[2] = scales[0] * (scales[1] if index % 4 == 0 else draw.uniform(0.1, 2.0))
    rescale = multiply_rescale(*scales.tolist())
    zero_points = [int(n) for n in draw.integers(-128, 128, 3)]
    clamp = (-128, 127) if draw.integers(3) else (-60, 30)
    shape = draw_broadcast(draw)
    data = shape.draw(draw)
    product = (data[0].astype(np.int64) - zero_points[0]) * (
        data[1].astype(np.int64) - zero_points[1]
    )
    result = np.clip(_scaled(product, rescale) + zero_points[2], *clamp)
    packed = pack_multiply(rescale, (zero_points[0], zero_points[1], zero_points[2]))
    form = MULTIPLY_FORMS.index(packed.form)
    form += (shape.second[1] != shape.width) * len(MULTIPLY_FORMS)
    return _case(draw, (Operation.MULTIPLY, form), data, (packed, shape, clamp), result)


def _case(
    draw: np.random.Generator,
    function: tuple[Operation, int],
    data: tuple[Array, Array],
    layer: tuple[Packed, Broadcast, tuple[int, int]],
    result: Array,
) -> Case:
    packed, shape, clamp = layer
    # Between the operands, so that the second one lies anywhere.
    gap = int(draw.integers(4)) if draw.integers(2) else -data[0].size % 4
    second = data[0].size + gap
    return operator_case(
        draw,
        function[0],
        (second, *shape.arguments, *clamp),
        np.concatenate([data[0].ravel(), np.zeros(gap, np.int8), data[1].ravel()]),
        result,
        words=packed.words,
        form=function[1],
    )


def _scaled(values: Array, scale: FixedPoint) -> Array:
    return multiply_twice_rounded(values, scale.multiplier, scale.shift)

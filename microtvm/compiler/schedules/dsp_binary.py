# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sums, differences and products of two tensors: four elements at a time, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.access_order import element_wise_order
from microtvm.compiler.computes.broadcast import collapse_broadcast
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.binary import BinaryMeaning, Rows
from microtvm.compiler.operators import Add, Multiply, Tensor
from microtvm.compiler.overlap import element_wise_overlaps
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_add import Sum, pack_add, swap_operands
from microtvm.compiler.packing_multiply import pack_multiply
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
    no_scratch,
)

_ADD, _MULTIPLY = INTRINSICS["add_s8"], INTRINSICS["multiply_s8"]


@dataclass(frozen=True)
class _Operands:
    """The inputs as rows, [1 or rows, 1 or width], and what the kernel is told of them."""

    first: Rows
    second: Rows

    @property
    def rows(self) -> int:
        return max(self.first[0], self.second[0])

    @property
    def width(self) -> int:
        return max(self.first[1], self.second[1])

    @property
    def swapped(self) -> bool:
        """The kernel's first operand has a whole row."""
        return self.first[1] < self.width

    @property
    def is_with(self) -> bool:
        """The other one has one element a row."""
        return min(self.first[1], self.second[1]) < self.width

    @property
    def arguments(self) -> tuple[int, ...]:
        order = (self.second, self.first) if self.swapped else (self.first, self.second)
        strides = (width if rows > 1 else 0 for rows, width in order)
        return (self.rows, self.width, *strides)


def _operands(operator: Add | Multiply, tensors: Sequence[Tensor]) -> _Operands:
    shapes = collapse_broadcast(*(tensors[index].shape for index in operator.inputs))
    first, second = ((1, *shape)[-2:] for shape in (shapes.first, shapes.second))
    return _Operands((first[0], first[1]), (second[0], second[1]))


def _zero_points(operator: Add | Multiply, tensors: Sequence[Tensor]) -> tuple[int, int, int]:
    first, second = (tensors[index].zero_point for index in operator.inputs)
    return first, second, tensors[operator.output].zero_point


def _pack_add(operator: Add, tensors: Sequence[Tensor], swapped: bool) -> Packed:
    total = Sum(
        left_shift=operator.left_shift,
        first=operator.first,
        second=operator.second,
        rescale=operator.rescale,
        zero_points=_zero_points(operator, tensors),
        clamp=operator.clamp,
        subtract=operator.subtract,
    )
    return swap_operands(pack_add(total)) if swapped else pack_add(total)


def _pack_multiply(operator: Multiply, tensors: Sequence[Tensor], swapped: bool) -> Packed:
    first, second, output = _zero_points(operator, tensors)
    return pack_multiply(
        operator.rescale, (second, first, output) if swapped else (first, second, output)
    )


def _work(operator: Add | Multiply, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    operands = _operands(operator, tensors)
    aligned = operands.rows == 1 or operands.width % 4 == 0
    elements = "element_words" if aligned else "element_bytes"
    return {"call": 1, "row": operands.rows, elements: operands.rows * operands.width}


def _define(
    operator: Add | Multiply, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    operands = _operands(operator, tensors)
    if isinstance(operator, Add):
        name, intrinsic = "subtract" if operator.subtract else "add", _ADD
        packed = _pack_add(operator, tensors, operands.swapped)
    else:
        name, intrinsic = "multiply", _MULTIPLY
        packed = _pack_multiply(operator, tensors, operands.swapped)
    meaning = BinaryMeaning(
        first=operands.first,
        second=operands.second,
        element=f"{intrinsic.symbol}_element_{packed.form}",
        words=packed.words.size,
        clamp=operator.clamp,
        swapped=operands.swapped,
    )
    arguments = (*operands.arguments, *operator.clamp)
    variant = "_with_s8" if operands.is_with else "_s8"
    return kernel_layer(name, intrinsic, (meaning,), packed, arguments, variant=variant)


ADD = kernel_rule(
    name="dsp_add",
    intrinsic=_ADD,
    work=_work,
    define=_define,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
    scratch=no_scratch,
)
MULTIPLY = kernel_rule(
    name="dsp_multiply",
    intrinsic=_MULTIPLY,
    work=_work,
    define=_define,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
    scratch=no_scratch,
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels of look_up_s8.h, move_s8.h, mean_s8.h and softmax_s8.h compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm import tirx
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.meanings.kernel_function import KernelFunction, Pointer


def look_up_kernel(count: int) -> KernelFunction:
    """data and a table of 256 bytes to output."""

    def body(buffers: Mapping[str, Any]) -> None:
        with build.serial(0, count) as i:
            table = build.address_of(buffers["table"][0])
            element = ("int8", "microtvm_look_up_element", buffers["data"][i], table)
            build.buffer_store(buffers["output"], tirx.call_pure_extern(*element), [i])

    return KernelFunction((Pointer("data", (count,)), Pointer("table", (256,))), (count,), body)


def copy_kernel(count: int) -> KernelFunction:
    """data to output."""

    def body(buffers: Mapping[str, Any]) -> None:
        with build.serial(0, count) as i:
            build.buffer_store(buffers["output"], buffers["data"][i], [i])

    return KernelFunction((Pointer("data", (count,)),), (count,), body)


@dataclass(frozen=True)
class ConcatenateMeaning:
    """Rows of each operand."""

    rows: int
    widths: tuple[int, ...]


def concatenate_kernel(sizes: ConcatenateMeaning) -> KernelFunction:
    """Operands, [rows, width] each, to rows that are as wide as all of them."""
    operands = [Pointer(f"input_{i}", (sizes.rows, width)) for i, width in enumerate(sizes.widths)]

    def body(buffers: Mapping[str, Any]) -> None:
        start = 0
        for operand in operands:
            with build.grid(*operand.shape) as (row, column):
                value = buffers[operand.name][row, column]
                build.buffer_store(buffers["output"], value, [row, start + column])
            start += operand.shape[1]

    return KernelFunction(operands, (sizes.rows, sum(sizes.widths)), body)


@dataclass(frozen=True)
class PadMeaning:
    """Blocks of rows of bytes, with `before` and `after` of rows and of bytes of a row."""

    shape: tuple[int, int, int]
    before: tuple[int, int]
    after: tuple[int, int]
    value: int

    @property
    def output(self) -> tuple[int, int, int]:
        blocks, rows, width = self.shape
        return (
            blocks,
            self.before[0] + rows + self.after[0],
            self.before[1] + width + self.after[1],
        )


def pad_kernel(sizes: PadMeaning) -> KernelFunction:
    """data to output."""
    _, rows, width = sizes.shape

    def body(buffers: Mapping[str, Any]) -> None:
        with build.grid(*sizes.output) as (block, i, j):
            row, column = i - sizes.before[0], j - sizes.before[1]
            inside = tirx.all(row >= 0, row < rows, column >= 0, column < width)
            border = tirx.const(sizes.value, "int8")
            value = tirx.if_then_else(inside, buffers["data"][block, row, column], border)
            build.buffer_store(buffers["output"], value, [block, i, j])

    return KernelFunction((Pointer("data", sizes.shape),), sizes.output, body)


@dataclass(frozen=True)
class MeanMeaning:
    """[outer, count, inner] to [outer, inner].

    Attributes:
        offset: of a sum, the input's zero point times the count, negative.
        zero_point: of the output.
    """

    shape: tuple[int, int, int]
    offset: int
    rescale: FixedPoint
    zero_point: int


def mean_kernel(sizes: MeanMeaning) -> KernelFunction:
    """data to output."""
    outer, count, inner = sizes.shape

    def body(buffers: Mapping[str, Any]) -> None:
        total = buffers["sums"]
        with build.grid(outer, inner) as (i, j):
            build.buffer_store(total, sizes.offset, [0])
            with build.serial(0, count) as k:
                value = buffers["data"][i, k, j].astype("int32")
                build.buffer_store(total, total[0] + value, [0])
            rescaled = tirx.call_pure_extern(
                *("int32", "microtvm_requantize", total[0]),
                *(sizes.rescale.multiplier, sizes.rescale.shift),
            )
            result = tirx.max(tirx.min(rescaled + sizes.zero_point, 127), -128)
            build.buffer_store(buffers["output"], result.astype("int8"), [i, j])

    return KernelFunction((Pointer("data", sizes.shape),), (outer, inner), body, sums=1)


@dataclass(frozen=True)
class SoftmaxMeaning:
    """Rows of `width` elements."""

    rows: int
    width: int


def softmax_kernel(sizes: SoftmaxMeaning) -> KernelFunction:
    """data and exponentials to output; softmax.h has the steps."""
    shape = (sizes.rows, sizes.width)

    def body(buffers: Mapping[str, Any]) -> None:
        data, sums = buffers["data"], buffers["sums"]
        largest, total = 0, 1
        with build.serial(0, sizes.rows) as row:

            def exponential(column: Any) -> Any:
                table = build.address_of(buffers["exponentials"][0])
                return _step("exponential", data[row, column], sums[largest], table)

            build.buffer_store(sums, -128, [largest])
            with build.serial(0, sizes.width) as i:
                value = tirx.max(sums[largest], data[row, i].astype("int32"))
                build.buffer_store(sums, value, [largest])
            build.buffer_store(sums, 0, [total])
            with build.serial(0, sizes.width) as i:
                build.buffer_store(sums, _step("accumulate", sums[total], exponential(i)), [total])
            with build.serial(0, sizes.width) as i:
                steps = (_step("reciprocal", sums[total]), _step("exponent", sums[total]))
                share = _step("output", exponential(i), *steps)
                build.buffer_store(buffers["output"], share.astype("int8"), [row, i])

    operands = (Pointer("data", shape), Pointer("exponentials", (256,), "int32"))
    return KernelFunction(operands, shape, body, sums=2)


def _step(name: str, *arguments: Any) -> Any:
    return tirx.call_pure_extern("int32", f"microtvm_softmax_{name}", *arguments)

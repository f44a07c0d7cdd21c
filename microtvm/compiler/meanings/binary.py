# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels of add_s8.h and multiply_s8.h compute: rows of two operands, element by
element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm import tirx
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.meanings.kernel_function import KernelFunction, Pointer

Rows = tuple[int, int]


@dataclass(frozen=True)
class BinaryMeaning:
    """A layer as rows.

    Attributes:
        first, second: the operator's inputs, [1 or rows, 1 or width].
        element: the C function of two elements and the packed words.
        words: that are packed.
        swapped: whether the kernel takes the second input first.
    """

    first: Rows
    second: Rows
    element: str
    words: int
    clamp: tuple[int, int]
    swapped: bool

    @property
    def output(self) -> Rows:
        rows, width = (max(sizes) for sizes in zip(self.first, self.second, strict=True))
        return rows, width


def binary_kernel(sizes: BinaryMeaning) -> KernelFunction:
    """first, second and packed words to output."""
    inputs = (Pointer("first", sizes.first), Pointer("second", sizes.second))
    order = ("second", "first") if sizes.swapped else ("first", "second")

    def body(buffers: Mapping[str, Any]) -> None:
        output, packed = buffers["output"], buffers["packed"]
        with build.grid(*sizes.output) as (row, column):
            elements = (
                buffers[name][
                    tuple(
                        0 if size == 1 else index
                        for size, index in zip(buffers[name].shape, (row, column), strict=True)
                    )
                ]
                for name in order
            )
            value = tirx.call_pure_extern(
                "int8", sizes.element, *elements, build.address_of(packed[0])
            )
            low, high = (tirx.const(bound, "int8") for bound in sizes.clamp)
            build.buffer_store(output, tirx.max(tirx.min(value, high), low), [row, column])

    operands = (*inputs, Pointer("packed", (sizes.words,), "int32"))
    return KernelFunction(operands, sizes.output, body, pointers=(*order, "packed"))

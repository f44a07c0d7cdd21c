# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels of add_s16.h compute, element by element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm import tirx
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.meanings.kernel_function import KernelFunction, Pointer


@dataclass(frozen=True)
class AddInt16Meaning:
    """Two operands of so many elements.

    Attributes:
        element: the C function of two elements, the packed words, and whether to subtract.
        words: that are packed.
    """

    count: int
    element: str
    subtract: bool
    words: int
    clamp: tuple[int, int]


def add_int16_kernel(sizes: AddInt16Meaning) -> KernelFunction:
    """first, second and packed words to output."""

    def body(buffers: Mapping[str, Any]) -> None:
        first, second, packed = (buffers[name] for name in ("first", "second", "packed"))
        with build.serial(sizes.count) as i:
            value = tirx.call_pure_extern(
                *("int16", sizes.element, first[i], second[i]),
                *(build.address_of(packed[0]), int(sizes.subtract)),
            )
            low, high = (tirx.const(bound, "int16") for bound in sizes.clamp)
            build.buffer_store(buffers["output"], tirx.max(tirx.min(value, high), low), [i])

    operands = (
        Pointer("first", (sizes.count,), "int16"),
        Pointer("second", (sizes.count,), "int16"),
        Pointer("packed", (sizes.words,), "int32"),
    )
    return KernelFunction(operands, (sizes.count,), body, output_dtype="int16")

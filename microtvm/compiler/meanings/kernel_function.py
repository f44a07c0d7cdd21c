# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A kernel's body as a layer's PrimFunc, and as the meaning of the C function, by TVMScript's
builder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tvm.script.ir_builder import IRBuilder
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.intrinsics import BLOCK, SUMS

_OUTPUT, _SCRATCH = "output", "scratch"


@dataclass(frozen=True)
class Pointer:
    """A buffer that the C function takes."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "int8"


@dataclass(frozen=True)
class KernelFunction:
    """What a kernel computes for the shapes of one layer.

    Attributes:
        operands: inputs and constants, in the layer's order.
        output: its shape.
        body: builds the statements, from the buffers by name: those of the operands, "output", and
            what there is of "scratch" and "sums".
        scratch_words: int32 of scratch.
        sums: int32 that the body has for itself.
        pointers: the operands' names in the order of the C function, where that is another.
    """

    operands: Sequence[Pointer]
    output: tuple[int, ...]
    body: Callable[[Mapping[str, Any]], None]
    scratch_words: int = 0
    sums: int = 0
    pointers: Sequence[str] = ()
    output_dtype: str = "int8"


def kernel_definition(kernel: KernelFunction) -> Any:
    """The layer: operands, then the output."""
    parameters = (*kernel.operands, Pointer(_OUTPUT, kernel.output, kernel.output_dtype))
    with IRBuilder() as builder:
        with build.prim_func(s_tir=True):
            build.func_name("main")
            buffers = {pointer.name: _argument(pointer) for pointer in parameters}
            with build.sblock("root"):
                for pointer in _own_memory(kernel):
                    buffer = build.sblock_alloc_buffer(pointer.shape, pointer.dtype)
                    buffers[pointer.name] = IRBuilder.name(pointer.name, buffer)
                _block(BLOCK, kernel, buffers)
        return builder.get()


def kernel_meaning(kernel: KernelFunction) -> Any:
    """The block of `kernel_definition` over the C function's pointers."""
    operands = {operand.name: operand for operand in kernel.operands}
    order = [operands[name] for name in kernel.pointers or operands]
    output = Pointer(_OUTPUT, kernel.output, kernel.output_dtype)
    parameters = [output, *order, *_own_memory(kernel)]
    with IRBuilder() as builder:
        with build.prim_func(s_tir=True):
            build.func_name("main")
            buffers = {pointer.name: _argument(pointer, offset_factor=1) for pointer in parameters}
            _block("root", kernel, buffers)
        return builder.get()


def _own_memory(kernel: KernelFunction) -> list[Pointer]:
    sizes = ((_SCRATCH, kernel.scratch_words), (SUMS, kernel.sums))
    return [Pointer(name, (size,), "int32") for name, size in sizes if size]


def _argument(pointer: Pointer, **options: Any) -> Any:
    return build.arg(pointer.name, build.buffer(pointer.shape, pointer.dtype, **options))


def _block(name: str, kernel: KernelFunction, buffers: Mapping[str, Any]) -> None:
    with build.sblock(name):
        build.reads(*(_all(buffers[operand.name]) for operand in kernel.operands))
        build.writes(
            *(_all(buffers[name]) for name in (_OUTPUT, _SCRATCH, SUMS) if name in buffers)
        )
        kernel.body(buffers)


def _all(buffer: Any) -> Any:
    return buffer[tuple(slice(0, size) for size in buffer.shape)]

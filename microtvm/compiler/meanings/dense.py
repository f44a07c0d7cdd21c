# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels of dense_s8.h and dense_direct_s8.h compute, over their packed words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm.script import tirx as T
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.meanings.kernel_function import KernelFunction, Pointer

_GROUP, _ROWS, _PARAMETERS = 4, 4, 3


@dataclass(frozen=True)
class DenseMeaning:
    """Sizes of one layer; `form` is a value of enum microtvm_rescale.

    Attributes:
        vectors: that the rows are multiplied with.
        scratch_words: 0 for the kernel without scratch, which takes one vector.
    """

    vectors: int
    rows: int
    depth: int
    words: int
    scratch_words: int
    weights_zero_point: int
    clamp: tuple[int, int]
    form: int

    @property
    def groups(self) -> int:
        """Groups of four columns, to a multiple of eight columns."""
        return -(-self.depth // 8) * 2

    @property
    def block_words(self) -> int:
        return _ROWS * (1 + self.groups + _PARAMETERS)

    def bias(self, packed: Any, row: Any) -> Any:
        return packed[row // _ROWS * self.block_words + row % _ROWS]

    def weight(self, packed: Any, row: Any, k: Any) -> Any:
        word = row // _ROWS * self.block_words + _ROWS + k // _GROUP * _ROWS + row % _ROWS
        byte = T.Cast("int8", T.shift_right(packed[word], k % _GROUP * 8))
        return T.Cast("int32", byte)

    def rescaled(self, packed: Any, row: Any, total: Any) -> Any:
        first = row // _ROWS * self.block_words + _ROWS * (1 + self.groups)
        address = T.address_of(packed[first + row % _ROWS * _PARAMETERS])
        value = T.call_pure_extern("int8", "microtvm_rescale_s8", total, address, self.form, 0)
        return T.max(T.min(value, T.int8(self.clamp[1])), T.int8(self.clamp[0]))


def dense_direct_kernel(sizes: DenseMeaning) -> KernelFunction:
    """data [1, depth] and packed words to output [1, rows], without scratch."""

    def body(buffers: Mapping[str, Any]) -> None:
        data, packed, total = buffers["data"], buffers["packed"], buffers["sums"]
        with build.serial(0, sizes.rows) as row:
            build.buffer_store(total, sizes.bias(packed, row), [0])
            with build.serial(0, sizes.groups * 2) as pair:
                even, odd = (sizes.weight(packed, row, 2 * pair + i) for i in range(2))
                build.buffer_store(total, total[0] + even * odd, [0])
            with build.serial(0, sizes.depth) as k:
                weight = sizes.weight(packed, row, k) - sizes.weights_zero_point
                value = data[0, k].astype("int32") * weight
                build.buffer_store(total, total[0] + value, [0])
            result = sizes.rescaled(packed, row, total[0])
            build.buffer_store(buffers["output"], result, [0, row])

    operands = (Pointer("data", (1, sizes.depth)), Pointer("packed", (sizes.words,), "int32"))
    return KernelFunction(operands, (1, sizes.rows), body, sums=1)


def dense_definition(sizes: DenseMeaning) -> Any:
    """The layer: data [vectors, depth] and packed words to output [vectors, rows]."""
    body = _body(sizes)

    @T.prim_func(s_tir=True)
    def definition(a: T.handle, b: T.handle, c: T.handle) -> None:
        data = T.match_buffer(a, (sizes.vectors, sizes.depth), "int8")
        packed = T.match_buffer(b, (sizes.words,), "int32")
        output = T.match_buffer(c, (sizes.vectors, sizes.rows), "int8")
        scratch = T.sblock_alloc_buffer((sizes.scratch_words,), "int32")
        for i in range(sizes.vectors):
            with T.sblock("kernel"):
                n = T.axis.spatial(sizes.vectors, i)
                T.reads(data[n, 0 : sizes.depth], packed[0 : sizes.words])
                T.writes(output[n, 0 : sizes.rows], scratch[0 : sizes.scratch_words])
                body(output, data, packed, scratch, n)

    return definition


def dense_meaning(sizes: DenseMeaning) -> Any:
    """The block of `dense_definition` over the kernel's pointers."""
    body = _body(sizes)

    @T.prim_func(s_tir=True)
    def meaning(c: T.handle, a: T.handle, b: T.handle, d: T.handle) -> None:
        output = T.match_buffer(c, (1, sizes.rows), "int8", offset_factor=1)
        data = T.match_buffer(a, (1, sizes.depth), "int8", offset_factor=1)
        packed = T.match_buffer(b, (sizes.words,), "int32", offset_factor=1)
        scratch = T.match_buffer(d, (sizes.scratch_words,), "int32", offset_factor=1)
        with T.sblock("root"):
            T.reads(data[0, 0 : sizes.depth], packed[0 : sizes.words])
            T.writes(output[0, 0 : sizes.rows], scratch[0 : sizes.scratch_words])
            body(output, data, packed, scratch, 0)

    return meaning


def _body(sizes: DenseMeaning) -> Any:
    @T.macro
    def body(output: Any, data: Any, packed: Any, scratch: Any, n: Any) -> None:
        for row in range(sizes.rows):
            scratch[0] = sizes.bias(packed, row)
            # What the kernel's inner product adds of weights alone is not in the packed bias.
            for pair in range(sizes.groups * 2):
                scratch[0] = scratch[0] + sizes.weight(packed, row, 2 * pair) * sizes.weight(
                    packed, row, 2 * pair + 1
                )
            for k in range(sizes.depth):
                scratch[0] = scratch[0] + T.Cast("int32", data[n, k]) * (
                    sizes.weight(packed, row, k) - sizes.weights_zero_point
                )
            output[n, row] = sizes.rescaled(packed, row, scratch[0])

    return body

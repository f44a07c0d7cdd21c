# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Softmax over the last dimension: three passes over a row, and no memory but four numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm.script.ir_builder import IRBuilder
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.computes.expressions import REQUANTIZE_HEADER
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Softmax, Tensor
from microtvm.compiler.softmax_scaling import softmax_exponentials

# The first is included by the second.
_HEADERS = (REQUANTIZE_HEADER, "microtvm/kernels/softmax.h")


def define_softmax(operator: Softmax, tensors: Sequence[Tensor]) -> LayerFunction:
    """The block "output" is one row, with its passes inside."""
    source = tensors[operator.inputs[0]]
    width = source.shape[-1]
    shape = (source.elements // width, width)
    with IRBuilder() as builder:
        with build.prim_func(s_tir=True):
            build.func_name("main")
            data = build.arg("data", build.buffer(shape, "int8"))
            table = build.arg("exponentials", build.buffer((256,), "int32"))
            output = build.arg("output", build.buffer(shape, "int8"))
            with build.serial(0, shape[0]) as i, build.sblock("output"):
                row = build.axis.spatial(shape[0], i)
                build.reads(data[row, 0:width], table[0:256])
                build.writes(output[row, 0:width])
                _define_row(data, table, output, row)
        function = builder.get()
    table_values = softmax_exponentials(operator.scaled_beta, operator.difference_min)
    return LayerFunction("softmax", function, (table_values,), _HEADERS)


def _define_row(data: Any, table: Any, output: Any, row: Any) -> None:
    width = data.shape[1]
    names = ("largest", "total", "reciprocal", "exponent")
    largest, total, reciprocal, exponent = (
        IRBuilder.name(name, build.sblock_alloc_buffer((1,), "int32")) for name in names
    )

    def exponential(column: Any) -> Any:
        return table[largest[0] - build.cast(data[row, column], "int32")]

    build.buffer_store(largest, -128, [0])
    with build.serial(0, width) as j:
        build.buffer_store(largest, build.max(largest[0], build.cast(data[row, j], "int32")), [0])
    build.buffer_store(total, 0, [0])
    with build.serial(0, width) as j:
        build.buffer_store(total, _call("accumulate", total[0], exponential(j)), [0])
    build.buffer_store(reciprocal, _call("reciprocal", total[0]), [0])
    build.buffer_store(exponent, _call("exponent", total[0]), [0])
    with build.serial(0, width) as j:
        value = _call("output", exponential(j), reciprocal[0], exponent[0])
        build.buffer_store(output, build.cast(value, "int8"), [row, j])


def _call(name: str, *arguments: Any) -> Any:
    return build.call_extern("int32", f"microtvm_softmax_{name}", *arguments)

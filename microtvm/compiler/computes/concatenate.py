# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Concatenation: one copy an input, in the blocks "output", "output_1", ..."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from tvm.script.ir_builder import IRBuilder
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.operators import Concatenate, Tensor


def define_concatenate(operator: Concatenate, tensors: Sequence[Tensor]) -> LayerFunction:
    """Seen as matrices: a row is what lies within one index of the dimensions before the axis."""
    sources = [tensors[index] for index in operator.inputs]
    target = tensors[operator.output]
    rows = math.prod(target.shape[: operator.axis])
    widths = [source.elements // rows for source in sources]
    starts = itertools.accumulate(widths, initial=0)
    with IRBuilder() as builder:
        with build.prim_func(s_tir=True):
            build.func_name("main")
            inputs = [
                build.arg(f"input_{i}", build.buffer((rows, width), target.dtype))
                for i, width in enumerate(widths)
            ]
            output = build.arg("output", build.buffer((rows, sum(widths)), target.dtype))
            for i, (data, width, start) in enumerate(zip(inputs, widths, starts, strict=False)):
                _copy_rows(f"output_{i}" if i else "output", data, output, (rows, width, start))
        function = builder.get()
    return LayerFunction("concatenate", function, ())


def _copy_rows(block: str, data: Any, output: Any, place: tuple[int, int, int]) -> None:
    rows, width, start = place
    with build.grid(rows, width) as (i, j), build.sblock(block):
        row, column = build.axis.remap("SS", [i, j])
        build.reads(data[row, column])
        build.writes(output[row, start + column])
        build.buffer_store(output, data[row, column], [row, start + column])

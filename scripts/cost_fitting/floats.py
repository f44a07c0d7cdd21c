# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""float32 layers of drawn shapes: one with products, one without."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from tvm import te

from cost_fitting.layer import Layer
from microtvm.compiler.operators import Tensor, TirOperator

_DTYPE = "float32"


def draw_float(draw: Generator) -> Layer:
    """A dense layer, or a sum of two tensors."""
    rows, depth = int(draw.integers(1, 60)), int(draw.integers(1, 90))
    return _dense(draw, rows, depth) if draw.integers(2) else _sum((rows, depth))


def _dense(draw: Generator, rows: int, depth: int) -> Layer:
    data = te.placeholder((1, depth), _DTYPE, name="data")
    weights = te.placeholder((rows, depth), _DTYPE, name="weights")
    k = te.reduce_axis((0, depth), name="k")
    output = te.compute(
        (1, rows), lambda i, j: te.sum(data[i, k] * weights[j, k], axis=k), name="output"
    )
    function = te.create_prim_func([data, weights, output])
    values = draw.normal(size=(rows, depth)).astype(np.float32)
    tensors = (
        Tensor("data", (1, depth), _DTYPE),
        Tensor("weights", (rows, depth), _DTYPE, data=values),
        Tensor("output", (1, rows), _DTYPE),
    )
    return Layer(TirOperator((), 0, "fully_connected", function), tensors)


def _sum(shape: tuple[int, int]) -> Layer:
    first, second = (te.placeholder(shape, _DTYPE, name=name) for name in ("first", "second"))
    output = te.compute(shape, lambda i, j: first[i, j] + second[i, j], name="output")
    function = te.create_prim_func([first, second, output])
    return Layer(TirOperator((), 0, "add", function), (Tensor("tensor", shape, _DTYPE),) * 3)

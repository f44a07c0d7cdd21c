# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools in both layouts, by kernels and by plain loops: the same numbers at their own places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.choices import choose_kernel, choose_plain
from support.host_model import HostModel, build_library
from support.pool_cases import pooled

from microtvm.compiler import CompiledModel, compile_network
from microtvm.compiler.choice import Choose
from microtvm.compiler.operators import AveragePool2D, MaxPool2D, Network, Tensor, Window
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedule import cheapest_schedule

_POOLS = 60
Array = np.ndarray


def _draw(draw: np.random.Generator) -> tuple[tuple[int, ...], Window]:
    """A shape [images, height, width, channels] and a window."""
    size = (int(draw.integers(1, 5)), int(draw.integers(1, 6)))
    strides = (int(draw.integers(1, 4)), int(draw.integers(1, 4)))
    padding = [int(draw.integers(0, size[i % 2])) for i in range(4)]
    height, width = (length + int(draw.integers(0, 9)) for length in size)
    shape = (int(draw.integers(1, 3)), height, width, int(draw.integers(1, 7)))
    return shape, Window(size, strides, (1, 1), (padding[0], padding[1], padding[2], padding[3]))


def _network(layout: str) -> tuple[Network, list[Array], list[Array]]:
    """Pools that have nothing to do with each other, their inputs and outputs."""
    draw = np.random.default_rng(1)
    order = ["NHWC".index(axis) for axis in layout]
    tensors, operators, inputs, outputs = [], [], [], []
    for number in range(_POOLS):
        shape, window = _draw(draw)
        data = draw.integers(-128, 128, shape).astype(np.int8)
        clamp = (-128, 127) if number % 3 else (-60, 30)
        is_max = bool(number % 2)
        result = np.clip(pooled(data, window, is_max=is_max), *clamp).astype(np.int8)
        for array, found in ((data, inputs), (result, outputs)):
            found.append(np.ascontiguousarray(array.transpose(order)))
            tensors.append(Tensor(f"tensor {len(tensors)}", found[-1].shape, "int8", 0.1, 3))
        kind = MaxPool2D if is_max else AveragePool2D
        places = ((2 * number,), 2 * number + 1)
        operators.append(kind(*places, window, clamp, layout=layout))
    even, odd = range(0, 2 * _POOLS, 2), range(1, 2 * _POOLS, 2)
    network = Network(tuple(tensors), tuple(even), tuple(odd), tuple(operators))
    return network, inputs, outputs


def _schedules(compiled: CompiledModel) -> set[str]:
    return {layer.choice.taken.schedule for layer in compiled.program.layers}


@pytest.mark.parametrize(
    ("choose", "schedules"),
    [(choose_kernel, {"dsp_average_pool", "dsp_max_pool"}), (choose_plain, {"plain"})],
)
@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
def test_layouts_are_exact(
    tmp_path: Path, layout: str, choose: Choose, schedules: set[str]
) -> None:
    network, inputs, outputs = _network(layout)
    compiled = compile_network(network, CompileOptions(), choose=choose)
    assert _schedules(compiled) == schedules
    host = HostModel(compiled, build_library([compiled], tmp_path, ("-fsanitize=undefined",)))
    host.run(inputs)
    for own, expected in zip(host.outputs(), outputs, strict=True):
        np.testing.assert_array_equal(own, expected)


def test_a_channel_that_lies_by_itself_is_pooled_by_rows() -> None:
    shape, window = (1, 3, 8, 8), Window((2, 2), (2, 2))
    for layout, kernel in (("NCHW", "max_pool_rows_s8"), ("NHWC", "max_pool_s8")):
        output = (1, 3, 4, 4) if layout == "NCHW" else (1, 1, 4, 8)
        tensors = (Tensor("in", shape, "int8", 0.1), Tensor("out", output, "int8", 0.1))
        operators = (MaxPool2D((0,), 1, window, (-128, 127), layout=layout),)
        network = Network(tensors, (0,), (1,), operators)
        compiled = compile_network(network, CompileOptions(), choose=choose_kernel)
        assert f"microtvm_{kernel}(" in compiled.program.functions[0].body


def test_columns_of_more_rows_than_their_sums_hold_are_refused() -> None:
    tensors = (Tensor("in", (1, 1, 256, 4), "int8", 0.1), Tensor("out", (1, 1, 1, 4), "int8", 0.1))
    operator = AveragePool2D((0,), 1, Window((256, 1)), (-128, 127), layout="NCHW")
    choice = cheapest_schedule(operator, tensors, CompileOptions())
    reason = choice.refusals["dsp_average_pool"]
    assert reason == "takes windows of up to 255 rows, not 256"

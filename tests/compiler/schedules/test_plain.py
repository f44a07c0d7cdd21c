# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The loop nest that every layer can take: nothing is stored but sums, and those one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import tflite
from support.activations import softmax
from support.convolutions import Convolution, conv2d, depthwise_conv2d
from support.float_network import float_network
from support.int8_network import int8_network
from support.pools import mean, pool
from support.single_operator import Operand, Quantized, single_operator
from tflite_writer import Options
from tvm import te

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.compiler.lower import lower
from microtvm.compiler.schedules.plain import schedule_plain
from microtvm.target import Target

_SOURCE = Quantized(0.05, 7)
_ARRAY = re.compile(r"^ *\w+ \w+\[(\d+)\];$", re.MULTILINE)


def _compiled(model: bytes) -> CompiledModel:
    """For a core whose layers all take the plain schedule."""
    return compile_model(model, CompileOptions(Target("cortex-m4+nodsp")))


def _arrays(compiled: CompiledModel) -> list[int]:
    """The length of each local array of each function."""
    bodies = [function.body for function in compiled.program.functions]
    return [int(length) for body in bodies for length in _ARRAY.findall(body)]


def _padded() -> Iterator[tuple[str, bytes]]:
    image, window = _SOURCE.operand((2, 9, 7, 5)), Convolution((3, 3), padding="same")
    yield "conv2d", conv2d(image, 6, Quantized(0.5, 3), window)
    yield "depthwise", depthwise_conv2d(image, 2, Quantized(0.5, 3), window)
    yield "average", pool("average", image, (3, 3), (2, 2), "same")
    yield "max", pool("max", image, (3, 3), (2, 2), "same")


@pytest.mark.parametrize(("name", "model"), list(_padded()))
def test_padding_is_an_expression_and_no_copy(name: str, model: bytes) -> None:
    compiled = _compiled(model)
    (layer,) = compiled.program.layers
    assert (layer.schedule, layer.scratch_bytes) == ("plain", 0)
    assert _arrays(compiled) == [1]


def test_sums_have_one_element_whatever_the_axes() -> None:
    for axes in ([1], [0, 2], [0, 1, 2], [2]):
        model = mean(_SOURCE.operand((4, 5, 6)), Quantized(0.05, 7).operand(()), axes, False)
        compiled = _compiled(model)
        assert _arrays(compiled) == [1]
        assert compiled.program.layers[0].scratch_bytes == 0


def test_no_layer_of_an_int8_network_stores_more_than_an_element() -> None:
    compiled = _compiled(int8_network())
    assert {layer.schedule for layer in compiled.program.layers} == {"plain"}
    assert set(_arrays(compiled)) == {1}
    assert all(layer.scratch_bytes == 0 for layer in compiled.program.layers)


def test_softmax_takes_memory_that_does_not_grow_with_its_row() -> None:
    for width in (2, 1000):
        compiled = _compiled(softmax((3, width), _SOURCE))
        assert set(_arrays(compiled)) == {1}
        assert compiled.program.layers[0].scratch_bytes == 0


def test_a_float_softmax_keeps_one_number_a_row() -> None:
    rows, width = 50, 300
    operand = Operand((rows, width), "float32")
    options = Options("SoftmaxOptions", {"beta": 1.0})
    model = single_operator(tflite.BuiltinOperator.SOFTMAX, [operand], [operand], options)
    (layer,) = _compiled(model).program.layers
    assert layer.scratch_bytes <= rows * 4 + 8


def test_no_layer_of_a_float_network_stores_an_image() -> None:
    compiled = _compiled(float_network())
    assert set(_arrays(compiled)) == {1}
    assert all(layer.scratch_bytes == 0 for layer in compiled.program.layers)


def _row_maximum(rows: int, columns: int) -> object:
    data = te.placeholder((rows, columns), "int32", name="data")
    axis = te.reduce_axis((0, columns))
    largest = te.compute((rows,), lambda i: te.max(data[i, axis], axis=axis), name="largest")
    output = te.compute((rows, columns), lambda i, j: data[i, j] - largest[i], name="output")
    return te.create_prim_func([data, output])


def test_a_reduction_of_a_row_is_done_once_a_row() -> None:
    body = lower(schedule_plain(_row_maximum(4, 6))).body
    depth = [len(line) - len(line.lstrip()) for line in body.splitlines() if "for (" in line]
    # One loop of rows; in it the loop of the maximum, then that of the output.
    assert depth == [2, 4, 4]
    assert _ARRAY.findall(body) == ["1"]


def test_a_chain_of_stages_becomes_one_loop() -> None:
    data = te.placeholder((8,), "int32", name="data")
    doubled = te.compute((8,), lambda i: data[i] * 2, name="doubled")
    shifted = te.compute((8,), lambda i: doubled[i] + 1, name="shifted")
    output = te.compute((8,), lambda i: shifted[7 - i], name="output")
    function = lower(schedule_plain(te.create_prim_func([data, output])))
    assert function.body.count("for (") == 1
    assert (function.local_bytes, function.scratch_bytes) == (0, 0)


def test_a_result_that_is_a_sum_starts_at_zero_in_its_own_loop() -> None:
    data = te.placeholder((4, 5), "int32", name="data")
    axis = te.reduce_axis((0, 5))
    output = te.compute((4,), lambda i: te.sum(data[i, axis], axis=axis), name="output")
    body = lower(schedule_plain(te.create_prim_func([data, output]))).body
    assert body.count("for (") == 2
    assert re.search(r"output\[\w+\] = 0;", body)

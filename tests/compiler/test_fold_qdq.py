# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""QDQ graphs as networks of integer operators."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tflite
from support.float_network import float_network
from support.hostile.patches import GOOD
from support.int8_network import int8_network
from tflite_writer import TFLiteWriter

from microtvm.compiler.fold_qdq import fold_qdq
from microtvm.compiler.importer import import_tflite
from microtvm.compiler.network_text import network_text
from microtvm.compiler.operators import Conv2D, Dense, Network, TirOperator

_Code = tflite.BuiltinOperator


def _folded(model: bytes) -> Network:
    network, unsupported = fold_qdq(import_tflite(model))
    assert unsupported == ()
    return network


def _kinds(network: Network) -> list[str]:
    return [operator.kind for operator in network.operators]


def test_the_digits_model_becomes_one_operator_a_layer() -> None:
    assert _kinds(_folded(GOOD)) == [
        *("conv2d", "depthwise_conv2d", "conv2d", "average_pool2d"),
        *("reshape", "dense", "softmax"),
    ]


def test_each_operator_of_an_int8_network_has_a_rule() -> None:
    network = _folded(int8_network())
    assert _kinds(network) == [
        *("pad", "conv2d", "look_up", "depthwise_conv2d"),
        *("look_up", "multiply", "look_up", "add", "look_up", "look_up", "look_up", "add"),
        *("average_pool2d", "max_pool2d", "concatenate", "resize_nearest", "strided_slice"),
        *("transpose", "mean", "reshape", "dense", "softmax"),
    ]
    assert {tensor.dtype for tensor in network.tensors} == {"int8"}


def test_tensors_are_written_before_they_are_read() -> None:
    for model in (GOOD, int8_network(), float_network()):
        network = _folded(model)
        known = {i for i, tensor in enumerate(network.tensors) if tensor.data is not None}
        known |= set(network.inputs)
        for operator in network.operators:
            assert set(operator.inputs) <= known
            assert operator.output not in known
            known.add(operator.output)
        assert set(network.outputs) <= known


def test_tensors_keep_what_the_file_says_of_them() -> None:
    network = _folded(GOOD)
    source, result = (network.tensors[index] for index in (*network.inputs, *network.outputs))
    assert (source.name, source.shape, source.zero_point) == ("image", (1, 8, 8, 1), -128)
    assert (result.name, result.scale, result.zero_point) == ("probabilities", 1 / 256, -128)
    assert source.source_index == 0
    assert source.data is None


def test_weights_keep_their_values_and_get_the_layout_of_the_operator() -> None:
    graph = tflite.Model.GetRootAs(GOOD, 0)
    first = graph.Subgraphs(0).Operators(0).Inputs(1)
    data = graph.Buffers(graph.Subgraphs(0).Tensors(first).Buffer()).DataAsNumpy()
    network = _folded(GOOD)
    convolution = next(entry for entry in network.operators if isinstance(entry, Conv2D))
    np.testing.assert_array_equal(convolution.weights.reshape(-1), data.view(np.int8))
    assert convolution.weights.shape == (16, 3, 3, 1)
    assert convolution.rescale.multiplier.shape == (16,)
    dense = next(entry for entry in network.operators if isinstance(entry, Dense))
    assert (dense.weights.shape, dense.bias.shape) == ((10, 128), (10,))


def test_a_float_network_keeps_the_functions_of_tvm() -> None:
    network = _folded(float_network())
    assert all(isinstance(operator, TirOperator) for operator in network.operators)
    assert {tensor.dtype for tensor in network.tensors} == {"float32"}


def test_conversions_stand_between_float_and_int8() -> None:
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (4,), "float32")
    first = writer.add_tensor("first", (4,), "int8", scale=0.1)
    second = writer.add_tensor("second", (4,), "int8", scale=0.05, zero_point=-3)
    result = writer.add_tensor("result", (4,), "float32")
    writer.add_operator(_Code.QUANTIZE, [source], [first])
    writer.add_operator(_Code.RELU, [first], [second], version=2)
    writer.add_operator(_Code.DEQUANTIZE, [second], [result], version=2)
    network = _folded(writer.finish([source], [result]))
    assert _kinds(network) == ["quantize", "look_up", "dequantize"]


def _relus(scales: list[float]) -> bytes:
    writer = TFLiteWriter()
    tensors = [
        writer.add_tensor(f"t{i}", (4,), "int8", scale=scale) for i, scale in enumerate(scales)
    ]
    for source, result in itertools.pairwise(tensors):
        writer.add_operator(_Code.RELU, [source], [result], version=2)
    return writer.finish(tensors[:1], tensors[-1:])


def test_scales_without_a_fixed_point_are_told_with_their_operators() -> None:
    network, unsupported = fold_qdq(import_tflite(_relus([1.0, 1e-12, 1.0, 1e-38, 1e-38])))
    assert [entry.output for entry in unsupported] == [
        "'t1' (quantised int8 4)",
        "'t3' (quantised int8 4)",
    ]
    assert all("2**30 or more" in entry.reason for entry in unsupported)
    assert all(entry.operator == "RELU" for entry in unsupported)
    assert len(network.operators) == 2


@pytest.mark.parametrize("model", [GOOD, int8_network(), float_network()])
def test_the_same_model_gives_the_same_text(model: bytes) -> None:
    assert network_text(_folded(model)) == network_text(_folded(model))

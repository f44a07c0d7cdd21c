# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What TFLiteWriter writes, read back by the schema's own reader and run by LiteRT."""

from __future__ import annotations

import numpy as np
import pytest
import tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_writer import Options, TFLiteWriter


def _dense_model() -> bytes:
    """2 inputs to 3 outputs: identity, doubled, negated; one bias."""
    writer = TFLiteWriter()
    data = writer.add_tensor("data", (1, 2), "int8", scale=0.5, zero_point=-1)
    weight = writer.add_tensor("weight", (3, 2), "int8", scale=1.0, data=[[1, 0], [0, 2], [-1, -1]])
    bias = writer.add_tensor("bias", (3,), "int32", scale=0.5, data=[0, 0, 10])
    result = writer.add_tensor("result", (1, 3), "int8", scale=1.0, zero_point=3)
    writer.add_operator(
        tflite.BuiltinOperator.FULLY_CONNECTED,
        [data, weight, bias],
        [result],
        Options("FullyConnectedOptions"),
    )
    return writer.finish([data], [result])


def test_litert_runs_the_model() -> None:
    interpreter = Interpreter(
        model_content=_dense_model(), experimental_op_resolver_type=OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(
        interpreter.get_input_details()[0]["index"], np.array([[7, 3]], dtype=np.int8)
    )
    interpreter.invoke()
    result = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    # (7 + 1) / 2, 2 * (3 + 1) / 2, and -(4 + 2) + 5, each 3 up.
    assert result.tolist() == [[7, 7, 2]]


def test_tensors_read_back() -> None:
    writer = TFLiteWriter()
    weight = writer.add_tensor(
        "weight",
        (2, 1, 1, 3),
        "int8",
        scale=[0.25, 0.5],
        quantized_dimension=0,
        data=np.arange(6),
    )
    graph = tflite.Model.GetRootAs(writer.finish([weight], [weight])).Subgraphs(0)
    tensor = graph.Tensors(0)
    quantization = tensor.Quantization()
    assert tensor.Name() == b"weight"
    assert tensor.ShapeAsNumpy().tolist() == [2, 1, 1, 3]
    assert tensor.Type() == tflite.TensorType.INT8
    assert quantization.ScaleAsNumpy().tolist() == [0.25, 0.5]
    assert quantization.ZeroPointAsNumpy().tolist() == [0, 0]
    assert graph.InputsAsNumpy().tolist() == [weight]


def test_options_read_back() -> None:
    writer = TFLiteWriter()
    data = writer.add_tensor("data", (1, 4), "float32")
    options = Options("ReshapeOptions", {"new_shape": [2, 2]})
    writer.add_operator(tflite.BuiltinOperator.RESHAPE, [data], [data], options)
    pool = Options("Pool2DOptions", {"stride_w": 3, "filter_height": 2})
    writer.add_operator(tflite.BuiltinOperator.MAX_POOL_2D, [data], [data], pool)
    graph = tflite.Model.GetRootAs(writer.finish([data], [data])).Subgraphs(0)
    reshape, pooling = tflite.ReshapeOptions(), tflite.Pool2DOptions()
    for index, table in enumerate((reshape, pooling)):
        union = graph.Operators(index).BuiltinOptions()
        table.Init(union.Bytes, union.Pos)
    assert reshape.NewShapeAsNumpy().tolist() == [2, 2]
    assert (pooling.StrideW(), pooling.FilterHeight(), pooling.StrideH()) == (3, 2, 0)


@pytest.mark.parametrize(
    ("builtin", "old"),
    [(tflite.BuiltinOperator.ADD, 0), (tflite.BuiltinOperator.GELU, 127)],
)
def test_operator_codes_above_the_old_range(builtin: int, old: int) -> None:
    writer = TFLiteWriter()
    data = writer.add_tensor("data", (1,), "float32")
    writer.add_operator(builtin, [data], [data], version=2)
    code = tflite.Model.GetRootAs(writer.finish([data], [data])).OperatorCodes(0)
    assert (code.BuiltinCode(), code.DeprecatedBuiltinCode(), code.Version()) == (builtin, old, 2)


def test_custom_code() -> None:
    writer = TFLiteWriter()
    data = writer.add_tensor("data", (1,), "float32")
    writer.add_operator(tflite.BuiltinOperator.CUSTOM, [data], [data], custom_code="Mine")
    code = tflite.Model.GetRootAs(writer.finish([data], [data])).OperatorCodes(0)
    assert code.CustomCode() == b"Mine"


def test_same_calls_same_bytes() -> None:
    assert _dense_model() == _dense_model()
    assert _dense_model()[4:8] == b"TFL3"


@pytest.mark.parametrize("size", [1, 15, 16, 17])
def test_constants_are_aligned(size: int) -> None:
    writer = TFLiteWriter()
    pattern = bytes(range(200, 200 + size))
    tensor = writer.add_tensor("c", (size,), "uint8", data=pattern)
    content = writer.finish([], [tensor])
    assert content.index(pattern) % 16 == 0

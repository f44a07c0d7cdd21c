# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of one element-wise operator with one input."""

from __future__ import annotations

from collections.abc import Sequence

import tflite
from tflite_writer import Options

from support.single_operator import Kind, Operand, Quantized, single_operator

LOGISTIC_OUTPUT = Quantized(1 / 256, -128)
TANH_OUTPUT = Quantized(1 / 128, 0)
_BUILTINS = {
    "logistic": tflite.BuiltinOperator.LOGISTIC,
    "tanh": tflite.BuiltinOperator.TANH,
    "relu": tflite.BuiltinOperator.RELU,
    "relu6": tflite.BuiltinOperator.RELU6,
    "relu_n1_to_1": tflite.BuiltinOperator.RELU_N1_TO_1,
    "relu_0_to_1": tflite.BuiltinOperator.RELU_0_TO_1,
    "hard_swish": tflite.BuiltinOperator.HARD_SWISH,
    "requantize": tflite.BuiltinOperator.QUANTIZE,
}


def activation(name: str, shape: Sequence[int], source: Kind, target: Kind) -> bytes:
    """An operator of _BUILTINS."""
    return single_operator(_BUILTINS[name], [source.operand(shape)], [target.operand(shape)])


def leaky_relu(shape: Sequence[int], source: Kind, target: Kind, alpha: float) -> bytes:
    return single_operator(
        tflite.BuiltinOperator.LEAKY_RELU,
        [source.operand(shape)],
        [target.operand(shape)],
        Options("LeakyReluOptions", {"alpha": alpha}),
    )


def quantize(shape: Sequence[int], target: Quantized) -> bytes:
    return single_operator(
        tflite.BuiltinOperator.QUANTIZE,
        [Operand(tuple(shape), "float32")],
        [target.operand(shape)],
    )


def dequantize(shape: Sequence[int], source: Quantized) -> bytes:
    return single_operator(
        tflite.BuiltinOperator.DEQUANTIZE,
        [source.operand(shape)],
        [Operand(tuple(shape), "float32")],
        version=2,
    )


def softmax(
    shape: Sequence[int],
    source: Kind,
    *,
    beta: float = 1.0,
    target: Kind = LOGISTIC_OUTPUT,
) -> bytes:
    return single_operator(
        tflite.BuiltinOperator.SOFTMAX,
        [source.operand(shape)],
        [target.operand(shape)],
        Options("SoftmaxOptions", {"beta": beta}),
        version=2,
    )

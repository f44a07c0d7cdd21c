# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions and dense layers: their weights, biases and shapes."""

from __future__ import annotations

import math

import tflite

from microtvm.compiler.checks.activations import check_activation
from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.checks.windows import check_rank, check_window
from microtvm.compiler.model_file import TensorInfo

# How far a bias's scale may be from the product of the others, in units of the output's: LiteRT's.
_BIAS_TOLERANCE = 0.02
# LiteRT's limit of the sums that a bias of int64 is added to.
_LARGEST_BIAS = 2**47
# By the option quantized_bias_type, whose default is the first.
_BIAS_TYPES = {
    tflite.TensorType.FLOAT32: "int64",
    tflite.TensorType.INT32: "int32",
    tflite.TensorType.INT64: "int64",
}
# What is known of a depthwise layer's channels takes memory with the square of their count.
_MOST_CHANNELS = 4096


def check_convolution(operands: Operands) -> None:
    data, weights = _image_and_weights(operands)
    outputs, _, _, depth = weights.shape
    channels = data.shape[3]
    if depth == 0 or channels % depth or outputs % (channels // depth):
        raise ValueError(f"its weights {weights} do not divide {channels} channels")
    _check_weights(operands, weights, axis=0)


def check_depthwise(operands: Operands) -> None:
    data, weights = _image_and_weights(operands)
    multiplier = operands.option("DepthMultiplier")
    if weights.shape[0] != 1 or weights.shape[3] != data.shape[3] * multiplier:
        found = f"its weights {weights} are not {multiplier} for each of {data.shape[3]} channels"
        raise ValueError(found)
    if weights.shape[3] > _MOST_CHANNELS:
        raise ValueError(f"its {weights.shape[3]} channels are more than {_MOST_CHANNELS}")
    _check_weights(operands, weights, axis=3)


def _image_and_weights(operands: Operands) -> tuple[TensorInfo, TensorInfo]:
    data, weights = operands.inputs[:2]
    check_rank(data.shape, 4, "its input")
    check_rank(weights.shape, 4, "its weights")
    dilation = (operands.option("DilationHFactor"), operands.option("DilationWFactor"))
    check_window(operands, (weights.shape[1], weights.shape[2]), dilation)
    return data, weights


def check_dense(operands: Operands) -> None:
    data, weights = operands.inputs[:2]
    check_rank(weights.shape, 2, "its weights")
    if operands.option("WeightsFormat") != tflite.FullyConnectedOptionsWeightsFormat.DEFAULT:
        raise ValueError("its weights are shuffled")
    outputs, depth = weights.shape
    elements = math.prod(data.shape)
    if elements % max(depth, 1) or (operands.option("KeepNumDims") and data.shape[-1:] != (depth,)):
        raise ValueError(f"its input {data} is not made of rows of {depth}")
    batch = data.shape[:-1] if operands.option("KeepNumDims") else (elements // depth,)
    operands.require_shape((*batch, outputs))
    check_activation(operands)
    _check_weights(operands, weights, axis=0)


def _check_weights(operands: Operands, weights: TensorInfo, axis: int) -> None:
    channels = weights.shape[axis]
    bias = operands.inputs[2] if len(operands.inputs) > 2 else None
    if bias is not None and bias.shape != (channels,):
        raise ValueError(f"its bias {bias} is not of shape ({channels},)")
    if operands.output.dtype == "float32":
        return
    if weights.data is None or weights.dtype != "int8":
        raise ValueError(f"its weights {weights} are not an int8 constant")
    _check_scales(weights, axis, symmetric=operands.builtin != "FULLY_CONNECTED")
    dtype = _bias_type(operands)
    if bias is not None:
        _check_bias(operands, weights, bias, dtype)
    elif dtype == "int32" and operands.output.dtype == "int16":
        raise ValueError("its sums are int32 (quantized_bias_type), but it has no bias")


def _check_scales(weights: TensorInfo, axis: int, *, symmetric: bool) -> None:
    count = len(weights.scales)
    if count != 1 and (count != weights.shape[axis] or weights.axis != axis):
        where = f"{count} scales along dimension {weights.axis}"
        raise ValueError(f"its weights {weights} have {where}, not one a slice of dimension {axis}")
    if any(not -128 <= point <= 127 for point in weights.zero_points):
        raise ValueError(f"its weights {weights} have zero points that are no int8")
    if any(weights.zero_points) and (symmetric or count > 1):
        raise ValueError(f"its weights {weights} have zero points other than 0")


def _bias_type(operands: Operands) -> str:
    """int32 at int8. At int16 LiteRT reads int64 unless an option tells it otherwise, and the bias
    may not be of another type than it reads."""
    if operands.output.dtype == "int8":
        return "int32"
    if operands.builtin == "DEPTHWISE_CONV_2D":
        return "int64"
    option = operands.option("QuantizedBiasType")
    if option not in _BIAS_TYPES:
        raise ValueError(f"its quantized_bias_type, number {option}, is neither int32 nor int64")
    return _BIAS_TYPES[option]


def _check_bias(operands: Operands, weights: TensorInfo, bias: TensorInfo, dtype: str) -> None:
    if bias.data is None or bias.dtype != dtype or not bias.quantized:
        raise ValueError(f"its bias {bias} is not a quantised {dtype} constant")
    if any(abs(number) >= _LARGEST_BIAS for number in bias.data.tolist()):
        raise ValueError(f"its bias {bias} has numbers of more than 47 bits")
    if any(bias.zero_points):
        raise ValueError(f"its bias {bias} has a zero point other than 0")
    product = operands.inputs[0].scales[0] * weights.scales[0]
    difference = abs(product - bias.scales[0])
    if difference > _BIAS_TOLERANCE * operands.output.scales[0]:
        found = f"its bias {bias} has the scale {bias.scales[0]:g}"
        raise ValueError(f"{found}, not the product of its input's and weights', {product:g}")

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED with random int8 weights.

At int16 the bias is int64, or int32 with LiteRT's option for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import tflite
from tflite_writer import Options

from support.draws import Draws
from support.single_operator import ACTIVATIONS, PADDINGS, Kind, Operand, Quantized, single_operator
from support.windows import output_size

_WEIGHT_SCALE = 0.01
# What the option quantized_bias_type has; at int8 LiteRT does not look.
BIAS_TYPES = {
    "int32": tflite.TensorType.INT32,
    "int64": tflite.TensorType.INT64,
    "float32": tflite.TensorType.FLOAT32,
}


@dataclass(frozen=True)
class Convolution:
    """What a convolution does.

    Attributes:
        per_channel: whether each output channel has its own scale.
        has_bias: of a depthwise convolution; LiteRT wants one of any other.
        bias_type: at int16, of a convolution that is not depthwise.
        extreme: what all weights are, where they are not drawn.
        largest_bias: of those that are drawn; None for what fits drawn weights.
    """

    size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "valid"
    activation: str = "none"
    per_channel: bool = True
    has_bias: bool = True
    bias_type: str = "int64"
    extreme: int | None = None
    largest_bias: int | None = None

    def output_shape(self, shape: Sequence[int], channels: int) -> tuple[int, ...]:
        rows, columns = (
            output_size(length, size, stride, dilation, self.padding)
            for length, size, stride, dilation in zip(
                shape[1:3], self.size, self.strides, self.dilation, strict=True
            )
        )
        return (shape[0], rows, columns, channels)

    def options(self) -> dict[str, int]:
        return {
            "padding": PADDINGS[self.padding],
            "stride_h": self.strides[0],
            "stride_w": self.strides[1],
            "dilation_h_factor": self.dilation[0],
            "dilation_w_factor": self.dilation[1],
            "fused_activation_function": ACTIVATIONS[self.activation],
        }


def conv2d(
    source: Operand,
    channels: int,
    target: Kind,
    window: Convolution,
    *,
    groups: int = 1,
    seed: int = 0,
) -> bytes:
    shape = (channels, *window.size, source.shape[3] // groups)
    weights, bias = random_weights(source, shape, 0, window, seed)
    options = {**window.options(), "quantized_bias_type": BIAS_TYPES[bias.dtype]}
    return single_operator(
        tflite.BuiltinOperator.CONV_2D,
        [source, weights, bias],
        [target.operand(window.output_shape(source.shape, channels))],
        Options("Conv2DOptions", options),
        version=3,
    )


def depthwise_conv2d(
    source: Operand, multiplier: int, target: Kind, window: Convolution, *, seed: int = 0
) -> bytes:
    channels = source.shape[3] * multiplier
    shape = (1, *window.size, channels)
    layer = replace(window, bias_type="int64")
    weights, bias = random_weights(source, shape, 3, layer, seed)
    return single_operator(
        tflite.BuiltinOperator.DEPTHWISE_CONV_2D,
        [source, weights, bias] if window.has_bias else [source, weights],
        [target.operand(window.output_shape(source.shape, channels))],
        Options("DepthwiseConv2DOptions", {**window.options(), "depth_multiplier": multiplier}),
        version=3,
    )


@dataclass(frozen=True)
class Dense:
    """What a FULLY_CONNECTED does; `keep_dims` keeps all dimensions of the input but the last."""

    outputs: int
    keep_dims: bool = False
    activation: str = "none"
    per_channel: bool = False
    has_bias: bool = True
    weights_zero_point: int = 0
    bias_type: str = "int64"
    extreme: int | None = None
    largest_bias: int | None = None


def fully_connected(
    source: Operand, inputs: int, dense: Dense, target: Kind, *, seed: int = 0
) -> bytes:
    """`inputs` is the length that the weights have."""
    shape = (dense.outputs, inputs)
    weights, bias = random_weights(source, shape, 0, dense, seed)
    if dense.weights_zero_point:
        weights = replace(weights, zero_point=dense.weights_zero_point)
    batch = source.shape[:-1] if dense.keep_dims else (int(np.prod(source.shape)) // inputs,)
    options = {
        "keep_num_dims": dense.keep_dims,
        "fused_activation_function": ACTIVATIONS[dense.activation],
        "quantized_bias_type": BIAS_TYPES[bias.dtype] if dense.has_bias else 0,
    }
    return single_operator(
        tflite.BuiltinOperator.FULLY_CONNECTED,
        [source, weights, bias if dense.has_bias else None],
        [target.operand((*batch, dense.outputs))],
        Options("FullyConnectedOptions", options),
        version=5,
    )


def output_for(source: Operand, terms: int, draws: Draws) -> Quantized:
    """A scale at which sums of `terms` products of random weights fill the source's type and seldom
    leave it."""
    deviation = float(np.asarray(source.scale)) * 74 * 73 * _WEIGHT_SCALE * float(np.sqrt(terms))
    factor = draws.number(0.7, 1.5)
    if source.dtype == "int16":
        # Inputs are 256 times as large, and so are outputs.
        return Quantized(float(np.float32(deviation * factor / 50)), 0, "int16")
    return Quantized(float(np.float32(deviation * factor / 50)), draws.between(-60, 60))


def random_weights(
    source: Operand,
    shape: Sequence[int],
    axis: int,
    layer: Convolution | Dense,
    seed: int,
) -> tuple[Operand, Operand]:
    """Weights over all of int8 but -128, and a bias that moves sums by as much as weights do.

    Float32 ones for a float32 source.
    """
    generator = np.random.default_rng(seed)
    channels = shape[axis]
    if source.dtype == "float32":
        return tuple(
            Operand(size, "float32", data=generator.normal(0, 0.3, size).astype(np.float32))
            for size in (tuple(shape), (channels,))
        )
    scales = (
        _WEIGHT_SCALE * generator.uniform(0.5, 2.0, channels if layer.per_channel else 1)
    ).astype(np.float32)
    values = generator.integers(-127, 128, shape, dtype=np.int8)
    weights = Operand(
        tuple(shape),
        "int8",
        scale=tuple(map(float, scales)),
        quantized_dimension=axis,
        data=values if layer.extreme is None else np.full(shape, layer.extreme, np.int8),
    )
    bias_scales = np.float32(source.scale) * scales
    wide = source.dtype == "int16"
    largest = layer.largest_bias or (3000 * 256 if wide else 3000)
    bias = Operand(
        (channels,),
        layer.bias_type if wide else "int32",
        scale=tuple(map(float, bias_scales)),
        data=generator.integers(-largest, largest + 1, channels),
    )
    if not layer.per_channel:
        weights = replace(weights, quantized_dimension=0)
    return weights, bias

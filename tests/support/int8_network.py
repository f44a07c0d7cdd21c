# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""An int8 model with each of the operators that an int8 network may have."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options, TFLiteWriter

_CODE = tflite.BuiltinOperator
# The others have had int8 since their second version.
_FIRST_VERSIONS = (_CODE.RESHAPE, _CODE.HARD_SWISH, _CODE.QUANTIZE)
_SAME, _VALID = tflite.Padding.SAME, tflite.Padding.VALID
_SCALE, _ZERO_POINT = 0.04, 5
_Shape = tuple[int, ...]


class Int8Network:
    """Adds one operator after another; most keep the scale and the zero point of all tensors."""

    def __init__(self, seed: int) -> None:
        self.writer = TFLiteWriter()
        self.random = np.random.default_rng(seed)
        self.count = 0

    def tensor(self, shape: _Shape, scale: float = _SCALE, zero_point: int = _ZERO_POINT) -> int:
        self.count += 1
        name = f"tensor{self.count}"
        return self.writer.add_tensor(name, shape, "int8", scale=scale, zero_point=zero_point)

    def numbers(self, values: npt.ArrayLike) -> int:
        data = np.asarray(values, np.int32)
        return self.writer.add_tensor("numbers", data.shape, "int32", data=data)

    def weights(self, shape: _Shape, axis: int, scale: float = _SCALE) -> list[int]:
        """int8 weights and an int32 bias; `scale` is the input's."""
        count = shape[axis]
        depth = math.prod(shape) // count
        scales = tuple(float(np.float32(x)) for x in self.random.uniform(0.01, 0.02, count))
        data = self.random.integers(-127, 128, shape)
        weights = self.writer.add_tensor(
            "weights", shape, "int8", scale=scales, quantized_dimension=axis, data=data
        )
        products = tuple(float(np.float32(scale) * np.float32(own)) for own in scales)
        values = self.random.integers(-40 * depth, 40 * depth, count)
        bias = self.writer.add_tensor("bias", (count,), "int32", scale=products, data=values)
        return [weights, bias]

    def add(
        self, code: int, inputs: list[int], output: int, table: str | None = None, **fields: Any
    ) -> int:
        options = None if table is None else Options(table, fields)
        version = 1 if code in _FIRST_VERSIONS else 2
        self.writer.add_operator(code, inputs, [output], options, version=version)
        return output


def int8_network(seed: int = 0) -> bytes:
    """Input [1, 7, 6, 3], output [1, 5]: every layer is int8."""
    network = Int8Network(seed)
    source = network.tensor((1, 7, 6, 3))
    value = _convolutions(network, source)
    value = _element_wise(network, value)
    value = _moves(network, value)
    value = _classifier(network, value)
    return network.writer.finish([source], [value])


def _convolutions(network: Int8Network, source: int) -> int:
    """[1, 7, 6, 3] to [1, 4, 4, 8]."""
    window = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
    pads = network.numbers([[0, 0], [1, 0], [1, 1], [0, 0]])
    value = network.add(_CODE.PAD, [source, pads], network.tensor((1, 8, 8, 3)), "PadOptions")
    output = network.tensor((1, 8, 8, 4), 0.3)
    value = network.add(
        _CODE.CONV_2D,
        [value, *network.weights((4, 3, 3, 3), 0)],
        output,
        "Conv2DOptions",
        **{**window, "padding": _SAME},
    )
    value = network.add(_CODE.QUANTIZE, [value], network.tensor((1, 8, 8, 4)))
    return network.add(
        _CODE.DEPTHWISE_CONV_2D,
        [value, *network.weights((1, 3, 3, 8), 3)],
        network.tensor((1, 4, 4, 8)),
        "DepthwiseConv2DOptions",
        **{**window, "padding": _SAME, "stride_h": 2, "stride_w": 2, "depth_multiplier": 2},
    )


def _element_wise(network: Int8Network, source: int) -> int:
    """[1, 4, 4, 8] to itself."""
    shape = (1, 4, 4, 8)
    gate = network.add(_CODE.LOGISTIC, [source], network.tensor(shape, 1 / 256, -128))
    value = network.add(_CODE.MUL, [source, gate], network.tensor(shape), "MulOptions")
    other = network.add(_CODE.TANH, [value], network.tensor(shape, 1 / 128, 0))
    value = network.add(_CODE.ADD, [value, other], network.tensor(shape), "AddOptions")
    value = network.add(
        _CODE.LEAKY_RELU, [value], network.tensor(shape), "LeakyReluOptions", alpha=0.1
    )
    value = network.add(_CODE.RELU6, [value], network.tensor(shape))
    swished = network.add(_CODE.HARD_SWISH, [value], network.tensor(shape))
    return network.add(_CODE.SUB, [source, swished], network.tensor(shape), "SubOptions")


def _moves(network: Int8Network, source: int) -> int:
    """[1, 4, 4, 8] to [1, 6, 3, 16]."""
    pool = {"stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2, "padding": _VALID}
    half = network.tensor((1, 3, 3, 8))
    first = network.add(_CODE.AVERAGE_POOL_2D, [source], half, "Pool2DOptions", **pool)
    half = network.tensor((1, 3, 3, 8))
    second = network.add(_CODE.MAX_POOL_2D, [source], half, "Pool2DOptions", **pool)
    both = network.tensor((1, 3, 3, 16))
    value = network.add(_CODE.CONCATENATION, [first, second], both, "ConcatenationOptions", axis=3)
    size, large = network.numbers([6, 6]), network.tensor((1, 6, 6, 16))
    table = "ResizeNearestNeighborOptions"
    value = network.add(_CODE.RESIZE_NEAREST_NEIGHBOR, [value, size], large, table)
    lists = [network.numbers(part) for part in ([0, 0, 0, 0], [1, 6, 6, 16], [1, 2, 1, 1])]
    part = network.tensor((1, 3, 6, 16))
    value = network.add(_CODE.STRIDED_SLICE, [value, *lists], part, "StridedSliceOptions")
    axes, turned = network.numbers([0, 2, 1, 3]), network.tensor((1, 6, 3, 16))
    return network.add(_CODE.TRANSPOSE, [value, axes], turned, "TransposeOptions")


def _classifier(network: Int8Network, source: int) -> int:
    """[1, 6, 3, 16] to [1, 5]."""
    axes, means = network.numbers([1]), network.tensor((1, 3, 16))
    value = network.add(_CODE.MEAN, [source, axes], means, "ReducerOptions", keep_dims=False)
    shape, flat = network.numbers([1, 48]), network.tensor((1, 48))
    value = network.add(_CODE.RESHAPE, [value, shape], flat, "ReshapeOptions")
    inputs = [value, *network.weights((5, 48), 0)]
    value = network.add(
        _CODE.FULLY_CONNECTED, inputs, network.tensor((1, 5), 0.4), "FullyConnectedOptions"
    )
    output = network.tensor((1, 5), 1 / 256, -128)
    return network.add(_CODE.SOFTMAX, [value], output, "SoftmaxOptions", beta=1.0)

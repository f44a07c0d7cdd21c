# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A float32 model with each of the operators that a small float network has."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options, TFLiteWriter

_CODE = tflite.BuiltinOperator
_RELU = {"fused_activation_function": tflite.ActivationFunctionType.RELU6}


class _Network:
    """Adds one operator after another; each reads the last one's output."""

    def __init__(self, seed: int) -> None:
        self.writer = TFLiteWriter()
        self.random = np.random.default_rng(seed)
        self.count = 0

    def tensor(self, shape: tuple[int, ...], data: npt.NDArray[Any] | None = None) -> int:
        self.count += 1
        dtype = "float32" if data is None else str(data.dtype)
        return self.writer.add_tensor(f"tensor{self.count}", shape, dtype, data=data)

    def weights(self, *shape: int) -> int:
        values = self.random.normal(0, 0.4, shape).astype(np.float32)
        return self.tensor(shape, values)

    def add(
        self, code: int, inputs: list[int], shape: tuple[int, ...], options: Options | None = None
    ) -> int:
        output = self.tensor(shape)
        self.writer.add_operator(code, inputs, [output], options)
        return output


def float_network(seed: int = 0) -> bytes:
    """Input [1, 9, 9, 3], output [1, 4]: every layer is float32."""
    network = _Network(seed)
    source = network.tensor((1, 9, 9, 3))
    same = {"padding": tflite.Padding.SAME, "dilation_w_factor": 1, "dilation_h_factor": 1}
    ones, twos = {"stride_w": 1, "stride_h": 1}, {"stride_w": 2, "stride_h": 2}
    conv = Options("Conv2DOptions", {**same, **ones, **_RELU})
    value = network.add(
        _CODE.CONV_2D, [source, network.weights(5, 3, 3, 3), network.weights(5)], (1, 9, 9, 5), conv
    )
    depthwise = Options("DepthwiseConv2DOptions", {**same, **twos, "depth_multiplier": 1})
    value = network.add(
        _CODE.DEPTHWISE_CONV_2D,
        [value, network.weights(1, 3, 3, 5), network.weights(5)],
        (1, 5, 5, 5),
        depthwise,
    )
    skip = value
    value = network.add(_CODE.HARD_SWISH, [value], (1, 5, 5, 5))
    value = network.add(_CODE.LOGISTIC, [value], (1, 5, 5, 5))
    value = network.add(_CODE.MUL, [value, skip], (1, 5, 5, 5), Options("MulOptions"))
    value = network.add(_CODE.ADD, [value, network.weights(5)], (1, 5, 5, 5), Options("AddOptions"))
    pads = network.tensor((4, 2), np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.int32))
    value = network.add(_CODE.PAD, [value, pads], (1, 6, 6, 5), Options("PadOptions"))
    window = {"filter_width": 2, "filter_height": 2, "padding": tflite.Padding.VALID, **twos}
    value = network.add(_CODE.MAX_POOL_2D, [value], (1, 3, 3, 5), Options("Pool2DOptions", window))
    value = network.add(_CODE.TANH, [value], (1, 3, 3, 5))
    axes = network.tensor((2,), np.array([1, 2], np.int32))
    mean = Options("ReducerOptions", {"keep_dims": False})
    value = network.add(_CODE.MEAN, [value, axes], (1, 5), mean)
    value = network.add(
        _CODE.FULLY_CONNECTED,
        [value, network.weights(4, 5), network.weights(4)],
        (1, 4),
        Options("FullyConnectedOptions"),
    )
    value = network.add(_CODE.SOFTMAX, [value], (1, 4), Options("SoftmaxOptions", {"beta": 1.0}))
    return network.writer.finish([source], [value])

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A small network of int16 activations and int8 weights (TFLite 16x8), float32 at both ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import tflite
from tflite_writer import Options, TFLiteWriter

_CODE = tflite.BuiltinOperator
_FIRST_VERSIONS = (_CODE.RESHAPE,)
_SAME, _VALID = tflite.Padding.SAME, tflite.Padding.VALID
_RELU = tflite.ActivationFunctionType.RELU
_Shape = tuple[int, ...]
_WINDOW = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
# Of the input, and of what is added to what was quantised alike: a power of two.
_SCALE = 2.0**-12


class _Network:
    """Adds one operator after another; `pruned` ones have no weights for their first output."""

    def __init__(self, seed: int, *, pruned: bool = False) -> None:
        self.pruned = pruned
        self.writer = TFLiteWriter()
        self.random = np.random.default_rng(seed)
        self.names = 0

    def tensor(self, shape: _Shape, scale: float = _SCALE, dtype: str = "int16") -> int:
        self.names += 1
        scales = () if dtype == "float32" else scale
        return self.writer.add_tensor(f"tensor{self.names}", shape, dtype, scale=scales)

    def numbers(self, values: Any) -> int:
        data = np.asarray(values, np.int32)
        return self.writer.add_tensor("numbers", data.shape, "int32", data=data)

    def weights(self, shape: _Shape, axis: int, source_scale: float) -> list[int]:
        """int8 weights and an int64 bias, one scale a channel."""
        count = shape[axis]
        scales = [float(np.float32(x)) for x in self.random.uniform(0.002, 0.005, count)]
        data = self.random.integers(-127, 128, shape)
        if self.pruned:
            np.moveaxis(data, axis, 0)[0] = 0
        weights = self.writer.add_tensor(
            "weights", shape, "int8", scale=scales, quantized_dimension=axis, data=data
        )
        products = [float(np.float32(source_scale) * np.float32(scale)) for scale in scales]
        # Constants of pruned ones are large, so that each way to rescale gives another.
        limit = 8000000 if self.pruned else 20000 * math.isqrt(math.prod(shape) // count)
        values = self.random.integers(-limit, limit, count)
        bias = self.writer.add_tensor("bias", (count,), "int64", scale=products, data=values)
        return [weights, bias]

    def add(self, code: int, inputs: list[int], output: int, table: str = "", **fields: Any) -> int:
        options = Options(table, fields) if table else None
        version = 1 if code in _FIRST_VERSIONS else 2
        self.writer.add_operator(code, inputs, [output], options, version=version)
        return output


def int16_network(seed: int = 0) -> bytes:
    """Input float32 [1, 9, 8, 3], output float32 [1, 5]."""
    network = _Network(seed)
    source = network.tensor((1, 9, 8, 3), dtype="float32")
    value = network.add(_CODE.QUANTIZE, [source], network.tensor((1, 9, 8, 3)))
    value = _features(network, value)
    value = _joined_pools(network, value)
    shape, flat = network.numbers([1, 192]), network.tensor((1, 192), 0.0009)
    value = network.add(_CODE.RESHAPE, [value, shape], flat, "ReshapeOptions")
    inputs = [value, *network.weights((5, 192), 0, 0.0009)]
    output = network.tensor((1, 5), 0.0005)
    value = network.add(_CODE.FULLY_CONNECTED, inputs, output, "FullyConnectedOptions")
    result = network.tensor((1, 5), dtype="float32")
    network.add(_CODE.DEQUANTIZE, [value], result)
    return network.writer.finish([source], [result])


def _features(network: _Network, source: int) -> int:
    """[1, 9, 8, 3] to [1, 8, 8, 6]: two branches, added in both of TFLite's forms."""
    shape = (1, 8, 8, 6)
    pads, padded = network.numbers([[0, 0], [0, 1], [1, 1], [0, 0]]), network.tensor((1, 10, 10, 3))
    value = network.add(_CODE.PAD, [source, pads], padded, "PadOptions")
    window = {**_WINDOW, "padding": _VALID, "fused_activation_function": _RELU}
    inputs = [value, *network.weights((6, 3, 3, 3), 0, _SCALE)]
    convolved = network.tensor(shape)
    network.add(_CODE.CONV_2D, inputs, convolved, "Conv2DOptions", **window)
    inputs = [convolved, *network.weights((1, 3, 3, 6), 3, _SCALE)]
    fine = network.tensor(shape, _SCALE / 4)
    window = {**_WINDOW, "padding": _SAME, "depth_multiplier": 1}
    network.add(_CODE.DEPTHWISE_CONV_2D, inputs, fine, "DepthwiseConv2DOptions", **window)
    total = network.tensor(shape)
    inputs = [convolved, fine]
    network.add(_CODE.ADD, inputs, total, "AddOptions", pot_scale_int16=True)
    result = network.tensor(shape, 0.0009)
    inputs = [total, convolved]
    return network.add(_CODE.ADD, inputs, result, "AddOptions", pot_scale_int16=False)


def _joined_pools(network: _Network, source: int) -> int:
    """[1, 8, 8, 6] to [1, 4, 4, 12]."""
    pool = {"stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2, "padding": _VALID}
    halves = []
    for code in (_CODE.AVERAGE_POOL_2D, _CODE.MAX_POOL_2D):
        half = network.tensor((1, 4, 4, 6), 0.0009)
        halves.append(network.add(code, [source], half, "Pool2DOptions", **pool))
    both = network.tensor((1, 4, 4, 12), 0.0009)
    return network.add(_CODE.CONCATENATION, halves, both, "ConcatenationOptions", axis=3)


def pruned_layers(seed: int) -> bytes:
    """Input int16 [1, 4, 4, 3], output int16 [1, 2, 2, 4]: convolutions without a weight for their
    first output, each of which the next one reads."""
    network = _Network(seed, pruned=True)
    source = network.tensor((1, 4, 4, 3))
    window = {**_WINDOW, "padding": _VALID}
    value, count = source, 3
    for side in (4, 3, 2):
        size = 1 if side == 4 else 2
        inputs = [value, *network.weights((4, size, size, count), 0, _SCALE)]
        value = network.tensor((1, side, side, 4))
        network.add(_CODE.CONV_2D, inputs, value, "Conv2DOptions", **window)
        count = 4
    return network.writer.finish([source], [value])

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""int8 networks in which many channels are dead, as pruning leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options, TFLiteWriter

_CODE = tflite.BuiltinOperator
_INPUT_SCALE, _SCALE = 0.05, 0.07


class _Network:
    def __init__(self, seed: int, zero_point: int) -> None:
        self.writer = TFLiteWriter()
        self.random = np.random.default_rng(seed)
        self.zero_point = zero_point
        self.count = 0

    def activation(self, shape: tuple[int, ...], scale: float = _SCALE) -> int:
        self.count += 1
        return self.writer.add_tensor(
            f"tensor{self.count}", shape, "int8", scale=scale, zero_point=self.zero_point
        )

    def constant(self, data: npt.NDArray[Any], scale: float) -> int:
        self.count += 1
        return self.writer.add_tensor(
            f"tensor{self.count}", data.shape, str(data.dtype), scale=scale, data=data
        )

    def weights(self, shape: tuple[int, ...], axis: int, dead: float) -> npt.NDArray[np.int8]:
        """Random weights; a share `dead` of the slices along `axis` is zero, and of the rest."""
        values = self.random.integers(1, 128, shape).astype(np.int8)
        values *= self.random.choice(np.array([-1, 1], np.int8), shape)
        values[self.random.random(shape) < dead] = 0
        which = self.random.random(shape[axis]) < dead
        values[(slice(None),) * axis + (which,)] = 0
        return values

    def bias(self, count: int) -> int:
        """Zero for some channels, so that a dead one may equal the zero point."""
        values = self.random.integers(-4000, 4000, count).astype(np.int32)
        values[self.random.random(count) < 0.4] = 0
        return self.constant(values, 0.001)

    def add(self, code: int, operands: list[int], shape: tuple[int, ...], options: Options) -> int:
        output = self.activation(shape)
        self.writer.add_operator(code, operands, [output], options)
        return output


def pruned_network(seed: int, zero_point: int, padding: str, dead: float = 0.4) -> bytes:
    """Input [1, 6, 5, 3]: conv, depthwise, conv, pool, flatten and two dense layers.

    Args:
        padding: of the windowed layers, "SAME" or "VALID".
        dead: the share of output channels whose weights are all zero.
    """
    network = _Network(seed, zero_point)
    source = network.activation((1, 6, 5, 3), _INPUT_SCALE)
    rows, columns = (6, 5) if padding == "SAME" else (4, 3)
    window = {"padding": getattr(tflite.Padding, padding), "stride_w": 1, "stride_h": 1}
    plain_window = dict(window)
    window |= {"dilation_w_factor": 1, "dilation_h_factor": 1}
    value = network.add(
        _CODE.CONV_2D,
        [source, network.constant(network.weights((8, 1, 1, 3), 0, dead), 0.02), network.bias(8)],
        (1, 6, 5, 8),
        Options("Conv2DOptions", window),
    )
    weights = network.constant(network.weights((1, 3, 3, 8), 3, dead), 0.02)
    value = network.add(
        _CODE.DEPTHWISE_CONV_2D,
        [value, weights, network.bias(8)],
        (1, rows, columns, 8),
        Options("DepthwiseConv2DOptions", {**window, "depth_multiplier": 1}),
    )
    weights = network.constant(network.weights((6, 3, 3, 8), 0, dead), 0.01)
    same = {**window, "padding": tflite.Padding.SAME}
    value = network.add(
        _CODE.CONV_2D,
        [value, weights, network.bias(6)],
        (1, rows, columns, 6),
        Options("Conv2DOptions", same),
    )
    pool = {**plain_window, "filter_width": 2, "filter_height": 2, "padding": tflite.Padding.VALID}
    rows, columns = rows - 1, columns - 1
    options = Options("Pool2DOptions", pool)
    value = network.add(_CODE.AVERAGE_POOL_2D, [value], (1, rows, columns, 6), options)
    flat = rows * columns * 6
    shape = np.array([1, flat], np.int32)
    target = network.writer.add_tensor("shape", (2,), "int32", data=shape)
    value = network.add(_CODE.RESHAPE, [value, target], (1, flat), Options("ReshapeOptions"))
    dense = Options("FullyConnectedOptions")
    weights = network.constant(network.weights((7, flat), 0, dead), 0.01)
    value = network.add(_CODE.FULLY_CONNECTED, [value, weights, network.bias(7)], (1, 7), dense)
    weights = network.constant(network.weights((4, 7), 0, dead), 0.01)
    value = network.add(_CODE.FULLY_CONNECTED, [value, weights, network.bias(4)], (1, 4), dense)
    return network.writer.finish([source], [value])

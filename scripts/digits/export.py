# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From a trained network to the bytes of an int8 .tflite file that ends in a softmax."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatchmethod

import numpy as np
import tflite
from tflite_writer import Options, TFLiteWriter

from digits.layers import Array, AveragePool2D, Conv2D, Dense, DepthwiseConv2D, Layer
from digits.quantization import Quantization, quantize_bias, quantize_weight

# Pixels are 0 to 1, and a softmax's output range is fixed by TFLite.
INPUT = Quantization(scale=float(np.float32(1 / 255)), zero_point=-128)
_PROBABILITIES = Quantization(scale=1 / 256, zero_point=-128)


def export(network: Sequence[Layer], calibration: Array) -> bytes:
    """The model's file; activations get the range that the calibration images give them."""
    exporter = _Exporter(calibration)
    for layer in network:
        exporter.add(layer)
    return exporter.finish()


class _Exporter:
    """Walks the network with the calibration images, a layer and its operators at a time."""

    def __init__(self, calibration: Array) -> None:
        self._writer = TFLiteWriter()
        self._activations = calibration
        self._quantization = INPUT
        self._input = self._tensor("image", calibration.shape[1:], INPUT)
        self._last = self._input

    def add(self, layer: Layer) -> None:
        self._activations = layer.forward(self._activations)
        self._add(layer)

    def finish(self) -> bytes:
        """Adds the softmax and ends the file."""
        result = self._tensor("probabilities", self._activations.shape[1:], _PROBABILITIES)
        options = Options("SoftmaxOptions", {"beta": 1.0})
        self._writer.add_operator(tflite.BuiltinOperator.SOFTMAX, [self._last], [result], options)
        return self._writer.finish([self._input], [result])

    @singledispatchmethod
    def _add(self, layer: Layer) -> None:
        raise TypeError(f"no export for a layer of class {type(layer).__name__}")

    @_add.register
    def _add_conv2d(self, layer: Conv2D) -> None:
        # TFLite's order is output, height, width, input.
        weight = layer.parameters["weight"].transpose(3, 0, 1, 2)
        constants = self._constants("conv", weight, 0, layer.parameters["bias"])
        options = Options("Conv2DOptions", _window(layer.stride))
        self._operator(tflite.BuiltinOperator.CONV_2D, "conv", constants, options)

    @_add.register
    def _add_depthwise(self, layer: DepthwiseConv2D) -> None:
        weight = layer.parameters["weight"][np.newaxis]
        constants = self._constants("depthwise", weight, 3, layer.parameters["bias"])
        fields = _window(layer.stride) | {"depth_multiplier": 1}
        options = Options("DepthwiseConv2DOptions", fields)
        self._operator(tflite.BuiltinOperator.DEPTHWISE_CONV_2D, "depthwise", constants, options)

    @_add.register
    def _add_pool(self, layer: AveragePool2D) -> None:
        sizes = ("stride_h", "stride_w", "filter_height", "filter_width")
        fields = {"padding": tflite.Padding.VALID} | dict.fromkeys(sizes, layer.size)
        options = Options("Pool2DOptions", fields)
        # TFLite's int8 average keeps its input's scale.
        self._operator(
            tflite.BuiltinOperator.AVERAGE_POOL_2D, "pool", [], options, self._quantization
        )

    @_add.register
    def _add_dense(self, layer: Dense) -> None:
        weight = layer.parameters["weight"].T
        self._flatten(weight.shape[1])
        constants = self._constants("dense", weight, None, layer.parameters["bias"])
        options = Options("FullyConnectedOptions")
        self._operator(tflite.BuiltinOperator.FULLY_CONNECTED, "logits", constants, options)

    def _flatten(self, size: int) -> None:
        shape = self._writer.add_tensor("flat_shape", (2,), "int32", data=[1, size])
        result = self._tensor("flat", (size,), self._quantization)
        options = Options("ReshapeOptions", {"new_shape": [1, size]})
        self._writer.add_operator(
            tflite.BuiltinOperator.RESHAPE, [self._last, shape], [result], options
        )
        self._last = result

    def _constants(self, name: str, weight: Array, axis: int | None, bias: Array) -> list[int]:
        integers, scales = quantize_weight(weight, axis)
        weight_index = self._writer.add_tensor(
            f"{name}_weight",
            weight.shape,
            "int8",
            scale=list(scales),
            quantized_dimension=axis or 0,
            data=integers,
        )
        bias_scales = scales * self._quantization.scale
        bias_index = self._writer.add_tensor(
            f"{name}_bias",
            bias.shape,
            "int32",
            scale=list(bias_scales),
            data=quantize_bias(bias, bias_scales),
        )
        return [weight_index, bias_index]

    def _operator(
        self,
        builtin: int,
        name: str,
        constants: Sequence[int],
        options: Options,
        quantization: Quantization | None = None,
    ) -> None:
        """Adds an operator on the last activations, whose output becomes the last."""
        chosen = quantization or Quantization.of(self._activations)
        result = self._tensor(name, self._activations.shape[1:], chosen)
        self._writer.add_operator(builtin, [self._last, *constants], [result], options)
        self._last, self._quantization = result, chosen

    def _tensor(self, name: str, shape: Sequence[int], quantization: Quantization) -> int:
        """A tensor of activations for a batch of one."""
        return self._writer.add_tensor(
            name,
            (1, *shape),
            "int8",
            scale=quantization.scale,
            zero_point=quantization.zero_point,
        )


def _window(stride: int) -> dict[str, int]:
    return {
        "padding": tflite.Padding.SAME,
        "stride_h": stride,
        "stride_w": stride,
        "fused_activation_function": tflite.ActivationFunctionType.RELU,
    }

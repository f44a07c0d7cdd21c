# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of a one-dimensional convolution, as TensorFlow writes it: between changes of shape."""

from __future__ import annotations

import numpy as np
import tflite
from tflite_writer import Options, TFLiteWriter

from support.convolutions import Convolution, random_weights
from support.single_operator import Kind, Operand, add_operand


def conv1d(
    source: Operand, channels: int, target: Kind, window: Convolution, *, axis: int, seed: int = 0
) -> bytes:
    """EXPAND_DIMS, CONV_2D and RESHAPE.

    Args:
        source: [batch, length, channels].
        axis: that is inserted: 1 for a window of 1 x k, 2 for one of k x 1.
    """
    inner = list(source.shape)
    inner.insert(axis, 1)
    image = Operand(tuple(inner), "int8", source.scale, source.zero_point)
    shape = window.output_shape(image.shape, channels)
    weights, bias = random_weights(image, (channels, *window.size, image.shape[3]), 0, window, seed)
    flat = tuple(length for at, length in enumerate(shape) if at != axis)
    writer = TFLiteWriter()
    first = add_operand(writer, source, "input")
    expanded = add_operand(writer, image, "image")
    axis_tensor = add_operand(writer, Operand.constant(axis), "axis")
    writer.add_operator(
        tflite.BuiltinOperator.EXPAND_DIMS, [first, axis_tensor], [expanded], version=1
    )
    operands = [add_operand(writer, operand, "constant") for operand in (weights, bias)]
    convolved = add_operand(writer, target.operand(shape), "convolved")
    writer.add_operator(
        tflite.BuiltinOperator.CONV_2D,
        [expanded, *operands],
        [convolved],
        Options("Conv2DOptions", window.options()),
        version=3,
    )
    sizes = add_operand(writer, Operand.constant(np.array(flat)), "shape")
    last = add_operand(writer, target.operand(flat), "output")
    writer.add_operator(
        tflite.BuiltinOperator.RESHAPE,
        [convolved, sizes],
        [last],
        Options("ReshapeOptions", {"new_shape": flat}),
        version=1,
    )
    return writer.finish([first], [last])

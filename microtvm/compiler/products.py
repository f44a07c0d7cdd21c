# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers as products of weights and inputs, to be packed; at int8 the bias holds the zero point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import Array, Conv2D, Dense, DepthwiseConv2D, Tensor
from microtvm.compiler.packing import Product, Rounding
from microtvm.compiler.packing_int16 import Int16Product


def int16_product(operator: Conv2D | Dense | DepthwiseConv2D) -> Int16Product:
    """Of int16 activations, which have no zero points; weights as in the other functions."""
    if isinstance(operator, DepthwiseConv2D):
        weights = _depthwise_weights(operator)
    else:
        weights = operator.weights.reshape(len(operator.weights), -1).astype(np.int64)
    return Int16Product(weights, operator.bias, operator.rescale)


def dense_product(operator: Dense, tensors: Sequence[Tensor]) -> Product:
    """Weights [out, in] less their zero point."""
    assert isinstance(operator.rescale, FixedPoints)
    weights = operator.weights.astype(np.int64) - operator.weights_zero_point
    return _product(operator, tensors, weights, operator.rescale, Rounding.ONCE)


def conv2d_product(operator: Conv2D, tensors: Sequence[Tensor]) -> Product:
    """Weights [out, height * width * in of a group]."""
    weights = operator.weights.reshape(len(operator.weights), -1).astype(np.int64)
    return _product(operator, tensors, weights, operator.rescale, Rounding.TWICE)


def depthwise_product(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> Product:
    """Weights [out, height * width]."""
    return _product(
        operator, tensors, _depthwise_weights(operator), operator.rescale, Rounding.TWICE
    )


def _depthwise_weights(operator: DepthwiseConv2D) -> Array:
    channels = operator.weights.shape[2]
    weights: Array = operator.weights.transpose(2, 0, 1).reshape(channels, -1).astype(np.int64)
    return weights


def whole_image_product(operator: Conv2D, tensors: Sequence[Tensor]) -> Product:
    """Weights [out, height * width * in of the image], where `covered_taps` finds taps both ways.

    The taps that read padding add nothing.
    """
    taps = [covered_taps(operator, tensors, axis) for axis in (0, 1)]
    part = operator.weights[:, taps[0]][:, :, taps[1]]
    weights = part.reshape(len(part), -1).astype(np.int64)
    return _product(operator, tensors, weights, operator.rescale, Rounding.TWICE)


def covered_taps(operator: Conv2D, tensors: Sequence[Tensor], axis: int) -> list[int]:
    """Which rows (axis 0) or columns (1) of the window are over the image at its first position."""
    window = operator.window
    length = tensors[operator.inputs[0]].shape[1 + axis]
    positions = [
        tap * window.dilation[axis] - window.padding[axis] for tap in range(window.size[axis])
    ]
    return [tap for tap, position in enumerate(positions) if 0 <= position < length]


def _product(
    operator: Conv2D | Dense | DepthwiseConv2D,
    tensors: Sequence[Tensor],
    weights: Array,
    rescale: FixedPoints,
    rounding: Rounding,
) -> Product:
    zero_point = tensors[operator.inputs[0]].zero_point
    return Product(
        weights=weights,
        bias=folded_bias(operator.bias, zero_point, weights.sum(axis=1)),
        rescale=rescale,
        zero_point=tensors[operator.output].zero_point,
        rounding=rounding,
    )

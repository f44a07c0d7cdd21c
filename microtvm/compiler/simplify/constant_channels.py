# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which channels of a network's tensors hold one value everywhere, whatever the input.

A channel is an index of a tensor's last axis. An output channel whose weights are all zero is
constant; so is one that only sees constant channels, where padding does not mix another value in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import (
    multiply_int16,
    multiply_once_rounded,
    multiply_twice_rounded,
)
from microtvm.compiler.operators import (
    AveragePool2D,
    Clamp,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    LookUp,
    MaxPool2D,
    Network,
    Operator,
    Reshape,
    Tensor,
    Window,
)
from microtvm.compiler.wide_fixed_point import WideFixedPoints, multiply_wide, saturate_int32

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Channels:
    """What is known of a tensor's channels: `values` counts where `known` is true."""

    known: Mask
    values: Values

    @classmethod
    def unknown(cls, tensor: Tensor) -> Channels:
        count = tensor.shape[-1] if tensor.shape else 1
        return cls(np.zeros(count, np.bool_), np.zeros(count, np.int64))


@dataclass(frozen=True, eq=False)
class Products:
    """How an operator's sums depend on its input's channels.

    Attributes:
        used: bool [out, in]; whether any weight between them is not zero.
        sums: int64 [out, in]; the sum of those weights.
        foldable: bool [in]; the input channel is constant, and its products are the same at every
            position, so that they can move into the bias.
        offsets: int64 [in]; the channel's value less the zero point, 0 where it is not foldable.
    """

    used: Mask
    sums: Values
    foldable: Mask
    offsets: Values

    @property
    def constant(self) -> Mask:
        """bool [out]: output channels whose sum is the same at every position."""
        return np.logical_not((self.used & ~self.foldable).any(axis=1))


@dataclass(frozen=True, eq=False)
class ChannelFacts:
    """Facts by tensor number, and the products of each convolution and dense layer."""

    channels: dict[int, Channels] = field(default_factory=dict)
    products: dict[int, Products] = field(default_factory=dict)


def find_constant_channels(network: Network) -> ChannelFacts:
    """Follows constants through the network, in the order in which it runs."""
    facts = ChannelFacts()
    for index, tensor in enumerate(network.tensors):
        facts.channels[index] = Channels.unknown(tensor)
    for operator in network.operators:
        facts.channels[operator.output] = _follow(network, operator, facts)
    return facts


def channel_multiple(network: Network, operator: Operator) -> int:
    """How many output channels stand for one input channel; 0 if the operator mixes channels.

    A flattening reshape repeats the channels once a pixel.
    """
    source, output = network.tensors[operator.inputs[0]], network.tensors[operator.output]
    if not source.shape or not output.shape or source.data is not None:
        return 0
    if isinstance(operator, DepthwiseConv2D | AveragePool2D | MaxPool2D | LookUp | Reshape):
        multiple, rest = divmod(output.shape[-1], source.shape[-1])
        return multiple if rest == 0 else 0
    return 0


def source_channels(operator: Operator, outputs: int, multiple: int) -> npt.NDArray[np.intp]:
    """The input channel behind each output channel of such an operator."""
    index = np.arange(outputs)
    # Depthwise: out = in * multiplier + m. Reshape: the last axis is pixels times channels.
    if isinstance(operator, DepthwiseConv2D):
        return index // multiple
    return index % (outputs // multiple)


def _follow(network: Network, operator: Operator, facts: ChannelFacts) -> Channels:
    output = network.tensors[operator.output]
    before = facts.channels[operator.inputs[0]]
    products = _products(network, operator, before)
    if products is not None:
        facts.products[operator.output] = products
        assert isinstance(operator, Conv2D | DepthwiseConv2D | Dense)
        return _constant_sums(operator, products, output)
    multiple = channel_multiple(network, operator)
    if multiple == 0:
        return Channels.unknown(output)
    source = source_channels(operator, output.shape[-1], multiple)
    known, values = before.known[source], before.values[source]
    if isinstance(operator, LookUp):
        values = operator.table.astype(np.int64)[values + 128]
    elif isinstance(operator, AveragePool2D | MaxPool2D):
        values = np.clip(values, *operator.clamp)
    return Channels(known, values)


def _constant_sums(
    operator: Conv2D | DepthwiseConv2D | Dense, products: Products, output: Tensor
) -> Channels:
    total = operator.bias + (products.sums * products.offsets).sum(axis=1)
    scaled = _rescaled(operator, total) + output.zero_point
    return Channels(products.constant, _clamped(scaled, operator.clamp))


def _rescaled(operator: Conv2D | DepthwiseConv2D | Dense, sums: Values) -> Values:
    """int64 [out] sums, bias included, in units of the output's scale."""
    rescale = operator.rescale
    if isinstance(rescale, WideFixedPoints):
        return multiply_wide(saturate_int32(sums), rescale.multiplier, rescale.shift)
    if operator.bias.dtype == np.int64:
        return multiply_int16(sums, rescale.multiplier, rescale.shift)
    rounded = multiply_once_rounded if isinstance(operator, Dense) else multiply_twice_rounded
    return rounded(sums.astype(np.int32), rescale.multiplier, rescale.shift)


def _clamped(values: Values, clamp: Clamp) -> Values:
    result: Values = np.clip(values, *clamp)
    return result


def _products(network: Network, operator: Operator, before: Channels) -> Products | None:
    """The products of operators that sum over channels, in matrix form; None for the others."""
    source = network.tensors[operator.inputs[0]]
    if isinstance(operator, Conv2D) and operator.groups == 1:
        taps = operator.weights.astype(np.int64)
        used, sums = (taps != 0).any(axis=(1, 2)), taps.sum(axis=(1, 2))
        return _with_constants(used, sums, before, source, operator.window)
    if isinstance(operator, DepthwiseConv2D):
        multiple = operator.weights.shape[2] // source.shape[3]
        taps = operator.weights.astype(np.int64)
        one_hot = np.eye(source.shape[3], dtype=np.int64).repeat(multiple, axis=0)
        used = (taps != 0).any(axis=(0, 1))[:, None] & (one_hot != 0)
        return _with_constants(
            used, taps.sum(axis=(0, 1))[:, None] * one_hot, before, source, operator.window
        )
    if isinstance(operator, Dense) and source.shape[-1:] == operator.weights.shape[1:]:
        weights = operator.weights.astype(np.int64) - operator.weights_zero_point
        return _with_constants(weights != 0, weights, before, source, None)
    return None


def _with_constants(
    used: Mask, sums: Values, before: Channels, source: Tensor, window: Window | None
) -> Products:
    padded = window is not None and any(window.padding)
    offsets = np.where(before.known, before.values - source.zero_point, 0)
    # Padding holds the zero point: a constant that equals it stays one at the border.
    foldable = before.known & ((offsets == 0) | (not padded))
    return Products(used, sums, foldable, np.where(foldable, offsets, 0))

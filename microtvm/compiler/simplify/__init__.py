# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pass: leaves out channels that are constant or that nobody reads; exact on all that remain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler.macs import macs
from microtvm.compiler.operators import (
    Array,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Network,
    Operator,
    Tensor,
)
from microtvm.compiler.simplify.constant_channels import Products, find_constant_channels
from microtvm.compiler.simplify.needed_channels import find_needed_channels

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Simplification:
    """What the pass left out: channels of the layers' outputs, and multiply-accumulates."""

    channels: int
    channels_before: int
    macs: int
    macs_before: int


def simplify(network: Network) -> tuple[Network, Simplification]:
    """Drops channels; a dropped constant's products move into the next layer's bias."""
    facts = find_constant_channels(network)
    needed = find_needed_channels(network, facts)
    kept = {index: np.flatnonzero(mask) for index, mask in needed.items()}
    tensors = tuple(
        _keep_channels(tensor, kept[index]) for index, tensor in enumerate(network.tensors)
    )
    operators = tuple(
        _keep_weights(operator, facts.products.get(operator.output), kept)
        for operator in network.operators
    )
    simplified = replace(network, tensors=tensors, operators=operators)
    return simplified, Simplification(
        channels=_channels(simplified),
        channels_before=_channels(network),
        macs=sum(macs(operator, tensors) for operator in operators),
        macs_before=sum(macs(operator, network.tensors) for operator in network.operators),
    )


def _channels(network: Network) -> int:
    shapes = (network.tensors[operator.output].shape for operator in network.operators)
    return sum(shape[-1] for shape in shapes if shape)


def _keep_channels(tensor: Tensor, kept: Indices) -> Tensor:
    if tensor.data is not None or not tensor.shape or kept.size == tensor.shape[-1]:
        return tensor
    return replace(
        tensor,
        shape=(*tensor.shape[:-1], int(kept.size)),
        channels=tuple(int(channel) for channel in kept),
    )


def _keep_weights(
    operator: Operator, products: Products | None, kept: dict[int, Indices]
) -> Operator:
    if products is None or not isinstance(operator, Conv2D | DepthwiseConv2D | Dense):
        return operator
    before, after = kept[operator.inputs[0]], kept[operator.output]
    if (before.size, after.size) == products.used.shape[::-1]:
        return operator
    bias = _folded_bias(operator.bias, products, before)[after]
    if isinstance(operator, Conv2D):
        weights = operator.weights[after][..., before]
    elif isinstance(operator, DepthwiseConv2D):
        weights = operator.weights[:, :, after]
    else:
        weights = operator.weights[after][:, before]
    rescale: Any = operator.rescale.take(after)  # of the operator's own kind
    return replace(operator, weights=np.ascontiguousarray(weights), bias=bias, rescale=rescale)


def _folded_bias(bias: Array, products: Products, before: Indices) -> Array:
    """The bias with the products of the input channels that are dropped."""
    dropped = np.ones(products.foldable.size, np.bool_)
    dropped[before] = False
    folded = (products.sums * np.where(dropped, products.offsets, 0)).sum(axis=1)
    total: npt.NDArray[np.int64] = bias.astype(np.int64) + folded
    return total.astype(bias.dtype)

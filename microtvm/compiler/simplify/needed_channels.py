# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which channels of a network's tensors must be computed."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.operators import Network, Operator
from microtvm.compiler.simplify.constant_channels import (
    ChannelFacts,
    Mask,
    channel_multiple,
    source_channels,
)

Needed = dict[int, Mask]


def find_needed_channels(network: Network, facts: ChannelFacts) -> Needed:
    """One mask a tensor; a tensor keeps at least one channel.

    Inputs and outputs of the model keep all. An operator that keeps channels apart has the same
    ones before and after, so needs travel both ways through it, until nothing changes.
    """
    needed = {index: np.zeros_like(channels.known) for index, channels in facts.channels.items()}
    for index in (*network.inputs, *network.outputs):
        needed[index][:] = True
    before = -1
    while before != (before := sum(int(mask.sum()) for mask in needed.values())):
        for operator in reversed(network.operators):
            _require(network, operator, facts, needed)
            for index in (*operator.inputs, operator.output):
                if not needed[index].any():
                    needed[index][0] = True
    return needed


def _require(network: Network, operator: Operator, facts: ChannelFacts, needed: Needed) -> None:
    output = needed[operator.output]
    multiple = channel_multiple(network, operator)
    if multiple:
        source = source_channels(operator, output.size, multiple)
        np.logical_or.at(needed[operator.inputs[0]], source[output], True)
        output |= needed[operator.inputs[0]][source]
        return
    products = facts.products.get(operator.output)
    if products is not None:
        read = (products.used[output] & ~products.foldable).any(axis=0)
        needed[operator.inputs[0]] |= read
        return
    for index in (*operator.inputs, operator.output):
        needed[index][:] = True

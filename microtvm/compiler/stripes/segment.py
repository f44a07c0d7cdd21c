# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers of a network by themselves, with all that must be kept while they run."""

from __future__ import annotations

from dataclasses import replace

from microtvm.compiler.accesses import Accesses
from microtvm.compiler.buffers import aligned
from microtvm.compiler.operators import Network, Tensor


def segment(
    network: Network, accesses: Accesses, callers: frozenset[int], first: int, last: int
) -> Network:
    """The network of layers `first` to `last`, counted from 1.

    Its inputs are what they read, its outputs what is needed after them. One more tensor, input and
    output at once, stands for what only passes by.

    Args:
        accesses: of the network. callers: tensors that take none of its memory.
    """
    operators = network.operators[first - 1 : last]
    read = {tensor for operator in operators for tensor in operator.inputs}
    written = {operator.output for operator in operators}
    inputs, outputs, passing = [], [], 0
    for buffer, tensors in enumerate(accesses.tensors):
        begin, end = accesses.buffer_life(buffer)
        if begin > last or end < first:
            continue
        own = [tensor for tensor in tensors if tensor in read - written]
        # A reshaped tensor is where it was before.
        inputs += own[:1]
        made = [tensor for tensor in tensors if tensor in written]
        if end > last:
            outputs += (made or own)[-1:]
        if not own and not made and not callers & {*tensors}:
            passing += aligned(accesses.size(buffer))
    kept = Tensor("passing", (passing,), "int8")
    ends = (len(network.tensors),) if passing else ()
    return replace(
        network,
        tensors=(*network.tensors, kept),
        inputs=(*inputs, *ends),
        outputs=(*outputs, *ends),
        operators=operators,
    )

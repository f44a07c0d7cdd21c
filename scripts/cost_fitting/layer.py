# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers with tensors of their own, and many of them as one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.operators import Network, Operator, Tensor


@dataclass(frozen=True, eq=False)
class Layer:
    """An operator whose inputs are `tensors` but the last, which is its output."""

    operator: Operator
    tensors: tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Wanted:
    """A layer and the schedule by which it shall be computed."""

    layer: Layer
    schedule: str
    blocks: Mapping[str, int]


def network_of(layers: Sequence[Layer]) -> Network:
    """All layers side by side: each has inputs and an output of the network to itself."""
    tensors: list[Tensor] = []
    operators: list[Operator] = []
    inputs: list[int] = []
    for layer in layers:
        first = len(tensors)
        tensors += layer.tensors
        last = len(tensors) - 1
        read = tuple(range(first, last))
        inputs += [index for index in read if tensors[index].data is None]
        operators.append(replace(layer.operator, inputs=read, output=last))
    outputs = tuple(operator.output for operator in operators)
    return Network(tuple(tensors), tuple(inputs), outputs, tuple(operators))

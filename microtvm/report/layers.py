# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What each layer of a model costs, with each figure as a part of the largest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.report.buffers import used_bytes

if TYPE_CHECKING:
    from microtvm.report.buffers import Buffer
    from microtvm.session.metadata import ModelMetadata


@dataclass(frozen=True)
class Measure:
    """A figure a layer.

    Attributes:
        total: the sum, or for memory that is used again the largest.
    """

    title: str
    values: tuple[int, ...]
    total: int

    def share(self, index: int) -> float:
        """A layer's figure in percent of the largest one, for a bar."""
        largest = max(self.values, default=0)
        return round(100 * self.values[index] / largest, 2) if largest else 0.0


def measures(model: ModelMetadata, buffers: Sequence[Buffer]) -> tuple[Measure, ...]:
    """Cycles where the compiler estimated them, MACs, RAM in use and constants."""
    macs = tuple(layer.macs for layer in model.layers)
    ram = tuple(_ram(model, buffers, layer.index) for layer in model.layers)
    constants = tuple(layer.constant_bytes for layer in model.layers)
    return (
        *_cycles(model),
        Measure("MACs", macs, sum(macs)),
        Measure("RAM in use, bytes", ram, max(ram, default=0)),
        Measure("Constants, bytes", constants, model.memory.constant_bytes),
    )


def _cycles(model: ModelMetadata) -> tuple[Measure, ...]:
    choices = [layer.choice for layer in model.layers]
    cycles = tuple(choice.taken.cycles if choice else 0 for choice in choices)
    return (Measure("Cycles", cycles, sum(cycles)),) if any(choices) else ()


def _ram(model: ModelMetadata, buffers: Sequence[Buffer], layer: int) -> int:
    """Bytes of all pools that are taken while a layer runs."""
    alive = [buffer for buffer in buffers if buffer.in_layer(layer)]
    return sum(
        used_bytes(buffer for buffer in alive if buffer.place.pool == pool)
        for pool in range(len(model.pools))
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places every buffer of a network in one workspace, so that no two that live together overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

ALIGNMENT = 16


@dataclass(frozen=True)
class Buffer:
    """Memory that the generated code reads or writes, besides the C stack.

    Attributes:
        size: bytes, at least 1.
        first, last: the layers, counted from 1, in which it must be whole; both included. 0 is
            before the first layer, layer count + 1 after the last.
    """

    name: str
    size: int
    first: int
    last: int

    def meets(self, other: Buffer) -> bool:
        """Whether both are alive in some layer."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Plan:
    """Offsets in bytes, one a buffer, in the order of `buffers`.

    Attributes:
        size: bytes of the workspace.
        lower_bound: the most bytes alive in one layer; no plan can be smaller.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    size: int
    lower_bound: int


def plan_memory(buffers: Sequence[Buffer]) -> Plan:
    """Best of first-fit plans in several orders; TVM's greedy-by-size is one of them."""
    orders: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
        lambda buffer: (-buffer.size, buffer.first),
        lambda buffer: (buffer.first, -buffer.size),
        lambda buffer: (buffer.first - buffer.last, -buffer.size),
        lambda buffer: (-buffer.size * (buffer.last - buffer.first + 1), buffer.first),
    )
    plans = [_first_fit(buffers, order) for order in orders]
    return min(plans, key=lambda plan: plan.size)


def aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _first_fit(buffers: Sequence[Buffer], order: Callable[[Buffer], tuple[int, ...]]) -> Plan:
    offsets: dict[int, int] = {}
    for index in sorted(range(len(buffers)), key=lambda index: (order(buffers[index]), index)):
        neighbours = sorted(
            (offset, offset + buffers[other].size)
            for other, offset in offsets.items()
            if buffers[other].meets(buffers[index])
        )
        offsets[index] = _lowest_gap(neighbours, buffers[index].size)
    size = max((offsets[index] + buffer.size for index, buffer in enumerate(buffers)), default=0)
    return Plan(
        tuple(buffers),
        tuple(offsets[index] for index in range(len(buffers))),
        aligned(size),
        _most_alive(buffers),
    )


def _lowest_gap(taken: Sequence[tuple[int, int]], size: int) -> int:
    """The lowest aligned offset at which `size` bytes meet none of the ranges, which are sorted."""
    offset = 0
    for start, end in taken:
        if offset + size <= start:
            break
        offset = max(offset, aligned(end))
    return offset


def _most_alive(buffers: Sequence[Buffer]) -> int:
    layers = {buffer.first for buffer in buffers}
    return max(
        (
            sum(buffer.size for buffer in buffers if buffer.first <= layer <= buffer.last)
            for layer in layers
        ),
        default=0,
    )

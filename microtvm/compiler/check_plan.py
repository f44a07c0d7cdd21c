# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Proves where a program's tensors and scratch lie, by going through its layers.

Shares no code with the planner and takes nothing from it but the offsets: who owns each byte of the
workspace is followed from layer to layer. Where an output lies over its own layer's input, the
order in which that layer reads and writes must allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from microtvm.compiler.access_order import AccessOrder

_NOBODY = -1


class BrokenPlanError(Exception):
    """A plan that would corrupt memory: a fault of the planner, not of its user."""


@dataclass(frozen=True)
class Place:
    """Bytes of the workspace."""

    offset: int
    size: int

    @property
    def bytes(self) -> slice:
        return slice(self.offset, self.offset + self.size)


@dataclass(frozen=True)
class LayerMemory:
    """What a layer reads and writes.

    Attributes:
        inputs, output: tensors; constants are not among them.
        scratch: None where it has none.
        copies: whether its output has the bytes of its one input.
        runs: whether there is code for it; else the copy must be where the input is.
        order: when it reads and writes each byte, None where nothing is known of it. `reads` are
            those of `inputs`.
    """

    inputs: tuple[int, ...]
    output: int
    scratch: Place | None
    copies: bool
    runs: bool
    order: Callable[[], AccessOrder | None]

    def keeps(self, places: Mapping[int, Place]) -> bool:
        """Whether all bytes stay as they are."""
        return self.copies and places[self.output] == places[self.inputs[0]]


@dataclass(frozen=True)
class WorkspacePlan:
    """The claims that are to be proven.

    Attributes:
        size: bytes of the workspace.
        places: of each tensor.
        whole: for each tensor, the first and the last layer after which its bytes are whole; 0 is
            before the first layer.
        inputs, outputs: of the whole program.
    """

    size: int
    places: Mapping[int, Place]
    whole: Mapping[int, tuple[int, int]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    layers: tuple[LayerMemory, ...]


def check_plan(plan: WorkspacePlan, alignment: int) -> None:
    """Checks range, alignment, that every layer finds its inputs whole, and that they last.

    Raises:
        BrokenPlanError: names the tensors and their bytes.
    """
    for tensor, place in plan.places.items():
        _check_range(f"tensor {tensor}", place, plan.size, alignment)
    memory = _Memory(plan)
    for tensor in plan.inputs:
        memory.write(tensor)
    memory.check_claims(0)
    for number, layer in enumerate(plan.layers, 1):
        for tensor in layer.inputs:
            memory.check(tensor, f"the start of layer {number}")
        if layer.keeps(plan.places):
            memory.same[layer.output] = memory.same.get(layer.inputs[0], layer.inputs[0])
        elif not layer.runs:
            raise BrokenPlanError(f"layer {number} has no code, but its output is elsewhere")
        else:
            _check_layer(plan, number, layer, alignment)
            memory.run(layer)
        memory.check_claims(number)
    for tensor in plan.outputs:
        memory.check(tensor, "the end")


class _Memory:
    """Whose bytes are in the workspace.

    Attributes:
        same: for a tensor that is another one's bytes where they are, that other one.
    """

    def __init__(self, plan: WorkspacePlan) -> None:
        self.plan = plan
        self.owners = np.full(plan.size, _NOBODY, np.int32)
        self.same: dict[int, int] = {}

    def write(self, tensor: int) -> None:
        self.owners[self.plan.places[tensor].bytes] = tensor

    def run(self, layer: LayerMemory) -> None:
        if layer.scratch is not None:
            self.owners[layer.scratch.bytes] = _NOBODY
        self.write(layer.output)

    def check(self, tensor: int, when: str) -> None:
        place = self.plan.places[tensor]
        held = self.owners[place.bytes]
        wrong = held != self.same.get(tensor, tensor)
        if wrong.any():
            byte = int(wrong.argmax())
            owner = "nobody" if held[byte] == _NOBODY else f"tensor {held[byte]}"
            raise BrokenPlanError(
                f"tensor {tensor} at {place} is not whole at {when}: byte {byte} is {owner}'s"
            )

    def check_claims(self, layer: int) -> None:
        for tensor, (first, last) in self.plan.whole.items():
            if first <= layer <= last:
                self.check(tensor, f"the end of layer {layer}")


def _check_range(name: str, place: Place, size: int, alignment: int) -> None:
    if place.offset < 0 or place.offset + place.size > size:
        raise BrokenPlanError(f"{name} at {place} is outside the {size} bytes")
    if place.offset % alignment != 0:
        raise BrokenPlanError(f"{name} at {place} is not aligned to {alignment}")


def _check_layer(plan: WorkspacePlan, number: int, layer: LayerMemory, alignment: int) -> None:
    output = plan.places[layer.output]
    if layer.scratch is not None:
        _check_range(f"scratch of layer {number}", layer.scratch, plan.size, alignment)
        for tensor in (*layer.inputs, layer.output):
            if _common(layer.scratch, plan.places[tensor]) is not None:
                raise BrokenPlanError(
                    f"scratch of layer {number} at {layer.scratch} overlaps tensor {tensor} at"
                    f" {plan.places[tensor]}"
                )
    if any(_common(plan.places[tensor], output) is not None for tensor in layer.inputs):
        _check_order(plan, number, layer)


def _check_order(plan: WorkspacePlan, number: int, layer: LayerMemory) -> None:
    """No byte of the output may be written before the input's byte there was read."""
    order = layer.order()
    output = plan.places[layer.output]
    for position, tensor in enumerate(layer.inputs):
        place = plan.places[tensor]
        common = _common(place, output)
        if common is None:
            continue
        where = f"layer {number} writes tensor {layer.output} at {output} over {tensor} at {place}"
        if order is None:
            raise BrokenPlanError(f"{where}, and nothing is known of its order")
        reads, writes = order.reads[position], order.writes
        if (reads.size, writes.size) != (place.size, output.size):
            raise BrokenPlanError(f"{where}, and its order is of {reads.size}, {writes.size} bytes")
        start, end = common
        late = (
            reads[start - place.offset : end - place.offset]
            > writes[start - output.offset : end - output.offset]
        )
        if late.any():
            raise BrokenPlanError(f"{where}: byte {start + int(late.argmax())} is read too late")


def _common(one: Place, other: Place) -> tuple[int, int] | None:
    start = max(one.offset, other.offset)
    end = min(one.offset + one.size, other.offset + other.size)
    return (start, end) if start < end else None

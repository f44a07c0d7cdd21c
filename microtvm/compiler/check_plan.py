# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Proves where a program's tensors and scratch lie, by running it on memory that holds names.

Shares no code with the planner and takes nothing from it but the places. Every byte of every tensor
has a number of its own. A simulated layer reads the numbers of its inputs, which must be the right
ones at the step in which the layer last reads each byte, writes those of its output, and leaves
garbage in its scratch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from microtvm.compiler.access_order import AccessOrder, Steps

# What kernels may read at once where rows are multiples of it.
WORD = 4

_GARBAGE = -1
# Of a byte that a layer does not write, and of one that it may read until its end.
_LAST_STEP = np.iinfo(np.int32).max
# Scratch may be written before any byte of an input is read.
_BEFORE_ALL = -1

_Numbers = npt.NDArray[np.int32]


class BrokenPlanError(Exception):
    """A plan that would corrupt memory: a fault of the planner, not of its user."""


@dataclass(frozen=True)
class Place:
    """Bytes of a pool."""

    offset: int
    size: int
    pool: int = 0

    @property
    def bytes(self) -> slice:
        return slice(self.offset, self.offset + self.size)

    def touches(self, other: Place) -> bool:
        """Whether both have a byte in common."""
        start = max(self.offset, other.offset)
        end = min(self.offset + self.size, other.offset + other.size)
        return self.pool == other.pool and start < end


@dataclass(frozen=True)
class Part:
    """A tensor that is bytes of another one, which layers read or write part by part.

    Attributes:
        whole: that other one, no part itself.
        offset, size: bytes in it.
    """

    whole: int
    offset: int
    size: int


@dataclass(frozen=True)
class LayerMemory:
    """What a layer reads and writes.

    Attributes:
        inputs, output: tensors, or parts of them; constants are not among them.
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


@dataclass(frozen=True)
class WorkspacePlan:
    """The claims that are to be proven.

    Attributes:
        sizes: bytes of each pool.
        places: of each tensor that is no part.
        whole: for each tensor or part, the first and the last layer after which its bytes are
            whole; 0 is before the first layer.
        inputs, outputs: of the whole program.
    """

    sizes: tuple[int, ...]
    places: Mapping[int, Place]
    whole: Mapping[int, tuple[int, int]]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    layers: tuple[LayerMemory, ...]
    parts: Mapping[int, Part] = field(default_factory=dict)

    def place(self, tensor: int) -> Place:
        """Of a tensor, or of a part of one."""
        part = self.parts.get(tensor)
        if part is None:
            return self.places[tensor]
        whole = self.places[part.whole]
        return Place(whole.offset + part.offset, part.size, whole.pool)


def check_plan(plan: WorkspacePlan, alignment: int) -> None:
    """Runs the program: every layer must find its inputs, and every tensor last as is claimed.

    Raises:
        BrokenPlanError: names the tensors and their bytes.
    """
    for tensor, place in plan.places.items():
        _check_range(f"tensor {tensor}", place, plan, alignment)
    for tensor, part in plan.parts.items():
        _check_part(tensor, part, plan)
    memory = _Memory(plan)
    for tensor in plan.inputs:
        memory.write(tensor)
    memory.check_claims(0)
    for number, layer in enumerate(plan.layers, 1):
        if layer.scratch is not None:
            _check_range(f"scratch of layer {number}", layer.scratch, plan, alignment)
        memory.run(number, layer)
        memory.check_claims(number)
    for tensor in plan.outputs:
        memory.check(tensor, "the end")


def _check_range(name: str, place: Place, plan: WorkspacePlan, alignment: int) -> None:
    if not 0 <= place.pool < len(plan.sizes):
        raise BrokenPlanError(f"{name} at {place} is in none of the {len(plan.sizes)} pools")
    size = plan.sizes[place.pool]
    if place.offset < 0 or place.offset + place.size > size:
        raise BrokenPlanError(f"{name} at {place} is outside the {size} bytes")
    if place.offset % alignment != 0:
        raise BrokenPlanError(f"{name} at {place} is not aligned to {alignment}")


def _check_part(tensor: int, part: Part, plan: WorkspacePlan) -> None:
    whole = plan.places.get(part.whole)
    if whole is None or part.offset < 0 or part.offset + part.size > whole.size:
        raise BrokenPlanError(f"tensor {tensor} is no part of tensor {part.whole}: {part}")
    if part.offset % WORD != 0:
        raise BrokenPlanError(f"tensor {tensor} is not aligned to {WORD}: {part}")


class _Memory:
    """What the bytes of the pools hold.

    Attributes:
        pools: for each byte of each pool the number of the tensor's byte that it holds.
        first: the number of a tensor's first byte. A copy where its input is has the input's.
    """

    def __init__(self, plan: WorkspacePlan) -> None:
        self.plan = plan
        self.pools = [np.full(size, _GARBAGE, np.int32) for size in plan.sizes]
        self.first: dict[int, int] = {}
        self._count = 0
        for tensor, place in plan.places.items():
            self.first[tensor] = self._count
            self._count += place.size

    def run(self, number: int, layer: LayerMemory) -> None:
        """Runs a layer and finds its output whole."""
        places = self.plan.places
        if layer.copies and self.plan.place(layer.inputs[0]) == places.get(layer.output):
            self.check(layer.inputs[0], f"the start of layer {number}")
            self.first[layer.output] = self._first(layer.inputs[0])
            return
        if not layer.runs:
            raise BrokenPlanError(f"layer {number} has no code, but its output is elsewhere")
        self._read(number, layer)
        self.write(layer.output)
        if layer.scratch is not None:
            self.pools[layer.scratch.pool][layer.scratch.bytes] = _GARBAGE
        self.check(layer.output, f"the end of layer {number}")

    def write(self, tensor: int) -> None:
        place = self.plan.place(tensor)
        self.pools[place.pool][place.bytes] = self._numbers(tensor)

    def check(self, tensor: int, when: str) -> None:
        """All bytes of a tensor must be there."""
        self._check(tensor, np.ones(self.plan.place(tensor).size, np.bool_), when)

    def check_claims(self, layer: int) -> None:
        for tensor, (first, last) in self.plan.whole.items():
            if first <= layer <= last:
                self.check(tensor, f"the end of layer {layer}")

    def _first(self, tensor: int) -> int:
        part = self.plan.parts.get(tensor)
        return self.first[tensor] if part is None else self.first[part.whole] + part.offset

    def _numbers(self, tensor: int) -> _Numbers:
        first = self._first(tensor)
        return np.arange(first, first + self.plan.place(tensor).size, dtype=np.int32)

    def _check(self, tensor: int, needed: npt.NDArray[np.bool_], when: str) -> None:
        place = self.plan.place(tensor)
        held = self.pools[place.pool][place.bytes]
        wrong = needed & (held != self._numbers(tensor))
        if wrong.any():
            byte = int(wrong.argmax())
            raise BrokenPlanError(
                f"tensor {tensor} at {place} is not whole at {when}: byte {byte} is"
                f" {self._owner(int(held[byte]))}"
            )

    def _owner(self, number: int) -> str:
        for tensor, place in self.plan.places.items():
            if 0 <= number - self.first[tensor] < place.size:
                return f"byte {number - self.first[tensor]} of tensor {tensor}"
        return "nobody's"

    def _read(self, number: int, layer: LayerMemory) -> None:
        """Each byte must hold the right number until it is read."""
        order = self._order(number, layer)
        writes = self._first_writes(layer, order)
        for position, tensor in enumerate(layer.inputs):
            place = self.plan.place(tensor)
            reads = np.full(place.size, _LAST_STEP, np.int32)
            if order is not None:
                reads = order.reads[position]
            self._check(tensor, reads >= 0, f"the start of layer {number}")
            late = reads > writes[place.pool][place.bytes]
            if late.any():
                known = "" if order is not None else ", and nothing is known of its order"
                raise BrokenPlanError(
                    f"layer {number} writes {self._written(layer, place)} over tensor {tensor} at"
                    f" {place}{known}: byte {int(late.argmax())} is read too late"
                )

    def _order(self, number: int, layer: LayerMemory) -> AccessOrder | None:
        """Found only where it matters: something is written over an input, or one is not whole."""
        if not any(self._needs_order(tensor, layer) for tensor in layer.inputs):
            return None
        order = layer.order()
        if order is None:
            return None
        output = self.plan.place(layer.output)
        expected = [*(self.plan.place(tensor).size for tensor in layer.inputs), output.size]
        found = [*(reads.size for reads in order.reads), order.writes.size]
        if found != expected:
            sizes = ", ".join(map(str, found))
            raise BrokenPlanError(
                f"layer {number} writes tensor {layer.output} at {output}, and its order is of"
                f" {sizes} bytes"
            )
        return order

    def _needs_order(self, tensor: int, layer: LayerMemory) -> bool:
        place = self.plan.place(tensor)
        held = self.pools[place.pool][place.bytes]
        return (
            place.touches(self.plan.place(layer.output))
            or (layer.scratch is not None and place.touches(layer.scratch))
            or bool((held != self._numbers(tensor)).any())
        )

    def _first_writes(self, layer: LayerMemory, order: AccessOrder | None) -> list[Steps]:
        """The step in which each byte of each pool is first written."""
        steps = [np.full(pool.size, _LAST_STEP, np.int32) for pool in self.pools]
        output = self.plan.place(layer.output)
        steps[output.pool][output.bytes] = 0 if order is None else order.writes
        if layer.scratch is not None:
            steps[layer.scratch.pool][layer.scratch.bytes] = _BEFORE_ALL
        return steps

    def _written(self, layer: LayerMemory, place: Place) -> str:
        if layer.scratch is not None and layer.scratch.touches(place):
            return f"scratch at {layer.scratch}"
        return f"tensor {layer.output} at {self.plan.place(layer.output)}"

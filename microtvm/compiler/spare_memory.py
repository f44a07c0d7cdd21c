# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Other schedules for the layers that need the most memory, where few enough cycles pay for it.

A layer's schedule is chosen for its cycles. But the workspace is as large as its fullest layers
make it, so those may take others: with less scratch, or with an output that may lie further over
the input. Step by step, one of the layers that reach the end of the plan takes its cheapest variant
that needs less, and the whole is planned again; the smallest plan on this way counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.operators import Network, Operator
from microtvm.compiler.workspace import LayerNeeds, bytes_of_layers, planned_ends

Made = TypeVar("Made")


@dataclass(frozen=True)
class Allowance:
    """What may be given for fewer bytes.

    Attributes:
        cycles: a share of all layers' estimated cycles, to be paid in all.
        any_schedule: whether a layer may leave the schedule that was chosen for it, and the width
            of what it multiplies; else it keeps to other block sizes.
    """

    cycles: float
    any_schedule: bool


# By CompileOptions.optimize. "speed": MLPerf Tiny's vww takes 0.68 % more cycles for 40,128 bytes
# in place of 40,848. "ram" may take 1.3 times the instructions: estimates of cycles are some
# percent off, and instructions are a little more or less than those.
ALLOWANCES: Mapping[str, Allowance] = MappingProxyType(
    {"speed": Allowance(0.007, any_schedule=False), "ram": Allowance(0.25, any_schedule=True)}
)


@dataclass(frozen=True)
class Spared(Generic[Made]):
    """Layers, and what they cost.

    Attributes:
        layers: as they were made, one an operator.
        size: bytes of their workspace.
        cycles_left: of those allowed, what was not paid.
    """

    layers: Sequence[Made]
    size: int
    cycles_left: float


def spare_memory(
    network: Network,
    choices: Sequence[Choice],
    make: Callable[[Operator, Choice], Made],
    needs: Callable[[Made], LayerNeeds],
    allowance: Allowance,
    enough: int = 0,
    io: str = "workspace",
) -> Spared[Made]:
    """Makes every layer as it was chosen, but for those that need the most.

    Args:
        make: a layer as it is chosen. needs: what a layer takes of the workspace.
        enough: bytes of the workspace; nothing is paid for fewer.
        io: where inputs and outputs are, as in CompileOptions.
    """
    allowed = allowance.cycles * sum(choice.taken.cost.cycles for choice in choices)
    variants = _Variants(network, choices, make, needs, allowance.any_schedule, io)
    now = best = variants.planned(variants.chosen())
    while now.size > enough:
        steps = variants.steps(now, allowed)
        if not steps:
            break
        now = min(steps, key=lambda step: (step.size, step.price))
        if now.size < best.size:
            best = now
    best = variants.without_waste(best)
    return Spared([variant.layer for variant in best.variants], best.size, allowed - best.paid)


@dataclass(frozen=True)
class _Variant(Generic[Made]):
    """A layer, the bytes it needs, and the cycles it takes more than the one that was chosen."""

    layer: Made
    size: int
    paid: int


@dataclass(frozen=True)
class _State(Generic[Made]):
    """Variants of all layers with their plan.

    Attributes:
        size: bytes. at_end: layers in which a buffer reaches the end of the workspace.
        price: cycles a byte that the last step to it took.
    """

    variants: Sequence[_Variant[Made]]
    size: int
    at_end: Sequence[int]
    price: float = 0.0

    @property
    def paid(self) -> int:
        return sum(variant.paid for variant in self.variants)


class _Variants(Generic[Made]):
    """What can be made of each layer; each of it once."""

    def __init__(
        self,
        network: Network,
        choices: Sequence[Choice],
        make: Callable[[Operator, Choice], Made],
        needs: Callable[[Made], LayerNeeds],
        any_schedule: bool,
        io: str,
    ) -> None:
        self._network = network
        self._io = io
        self._choices = choices
        self._make = make
        self._any_schedule = any_schedule
        self._needs_of = needs
        self._chosen = [make(*pair) for pair in zip(network.operators, choices, strict=True)]
        self._needs = [needs(layer) for layer in self._chosen]
        self._made: dict[tuple[int, int], _Variant[Made]] = {}

    def chosen(self) -> list[_Variant[Made]]:
        sizes = bytes_of_layers(self._network, self._needs, self._io)
        pairs = zip(self._chosen, sizes, strict=True)
        return [_Variant(layer, size, 0) for layer, size in pairs]

    def planned(self, variants: Sequence[_Variant[Made]], price: float = 0.0) -> _State[Made]:
        needs = [self._needs_of(one.layer) for one in variants]
        ends = planned_ends(self._network, needs, self._io)
        size = max(ends)
        # The first and the last are before and behind all layers.
        at_end = [index for index, end in enumerate(ends[1:-1]) if end == size]
        return _State(variants, size, at_end, price)

    def steps(self, state: _State[Made], allowed: float) -> list[_State[Made]]:
        """Each with a smaller variant of one layer that reaches the end, if it can be paid for."""
        found = []
        for index in state.at_end:
            old = state.variants[index]
            new = self._smaller(index, old.size, allowed - state.paid + old.paid)
            if new is not None:
                price = (new.paid - old.paid) / (old.size - new.size)
                found.append(self.planned(_with(state.variants, index, new), price))
        return found

    def without_waste(self, state: _State[Made]) -> _State[Made]:
        """Layers that need not have paid are as they were chosen, the dearest first."""
        chosen = self.chosen()
        dearest = sorted(range(len(chosen)), key=lambda index: -state.variants[index].paid)
        for index in dearest:
            if state.variants[index].paid > 0:
                other = self.planned(_with(state.variants, index, chosen[index]))
                state = other if other.size <= state.size else state
        return state

    def _smaller(self, index: int, size: int, cycles: float) -> _Variant[Made] | None:
        """The cheapest that needs fewer bytes than `size` and takes no more than `cycles` more."""
        choice = self._choices[index]
        found = [
            self._variant(index, other)
            for other in choice.others
            if (self._any_schedule or _is_like(other, choice.taken))
            and other.cost.cycles - choice.taken.cost.cycles <= cycles
        ]
        smaller = (variant for variant in found if variant.size < size)
        return min(smaller, key=lambda variant: (variant.paid, variant.size), default=None)

    def _variant(self, index: int, taken: Candidate) -> _Variant[Made]:
        place = self._choices[index].others.index(taken)
        if (index, place) not in self._made:
            self._made[index, place] = self._new(index, taken)
        return self._made[index, place]

    def _new(self, index: int, taken: Candidate) -> _Variant[Made]:
        choice = self._choices[index]
        layer = self._make(self._network.operators[index], choice.taking(taken))
        # What the other layers need does not change it.
        needs = [*self._needs[:index], self._needs_of(layer), *self._needs[index + 1 :]]
        size = bytes_of_layers(self._network, needs, self._io)[index]
        return _Variant(layer, size, taken.cost.cycles - choice.taken.cost.cycles)


def _with(
    variants: Sequence[_Variant[Made]], index: int, variant: _Variant[Made]
) -> list[_Variant[Made]]:
    return [*variants[:index], variant, *variants[index + 1 :]]


def _is_like(other: Candidate, taken: Candidate) -> bool:
    """Other block sizes of the schedule that was taken; what it multiplies stays as wide."""
    widths = [
        {name: size for name, size in candidate.blocks.items() if name.endswith("_bits")}
        for candidate in (taken, other)
    ]
    return other.schedule == taken.schedule and widths[0] == widths[1]

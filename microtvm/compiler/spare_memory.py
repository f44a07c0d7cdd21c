# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Other schedules for the layers that need the most memory, where few enough cycles pay for it.

A layer's schedule is chosen for its cycles. But the workspace is as large as the layer that needs
the most, so that layer may take another: with less scratch, or with an output that may lie further
over the input. What a layer needs does not depend on how the others are computed; so each pays the
least that brings it below the next size. Of the plans on that way the smallest counts, since a plan
can be larger than any layer needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic, TypeVar

from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.operators import Network, Operator
from microtvm.compiler.workspace import LayerNeeds, bytes_of_layers, planned_bytes

Made = TypeVar("Made")


@dataclass(frozen=True)
class Allowance:
    """What may be given for fewer bytes.

    Attributes:
        cycles: a share of all layers' estimated cycles, to be paid in all.
        any_schedule: whether a layer may leave the schedule and the width of weights that were
            chosen for it; else it keeps to other block sizes.
    """

    cycles: float
    any_schedule: bool


# By CompileOptions.optimize. "speed": MLPerf Tiny's vww takes 0.6 % more cycles for 40,128 bytes in
# place of 42,384. "ram" may take 1.3 times the instructions: estimates of cycles are some percent
# off, and instructions are a little more or less than those.
ALLOWANCES: Mapping[str, Allowance] = MappingProxyType(
    {"speed": Allowance(0.01, any_schedule=False), "ram": Allowance(0.25, any_schedule=True)}
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
    now = variants.chosen()
    best, size = now, variants.planned(now)
    while now and size > enough:
        peak = max(range(len(now)), key=lambda index: now[index].size)
        others = [*now[:peak], *now[peak + 1 :]]
        left = allowed - sum(variant.paid for variant in others)
        smaller = variants.smaller(peak, now[peak].size, left)
        if smaller is None:
            break
        now = [*now[:peak], smaller, *now[peak + 1 :]]
        # No plan is smaller than what a layer needs.
        if max(variant.size for variant in now) < size and variants.planned(now) < size:
            best, size = now, variants.planned(now)
    paid = sum(variant.paid for variant in best)
    return Spared([variant.layer for variant in best], size, allowed - paid)


@dataclass(frozen=True)
class _Variant(Generic[Made]):
    """A layer, the bytes it needs, and the cycles it takes more than the one that was chosen."""

    layer: Made
    size: int
    paid: int


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

    def planned(self, variants: Sequence[_Variant[Made]]) -> int:
        """Bytes of the workspace for these."""
        return planned_bytes(
            self._network, [self._needs_of(one.layer) for one in variants], self._io
        )

    def smaller(self, index: int, size: int, cycles: float) -> _Variant[Made] | None:
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
        others = (choice.taken, *(other for other in choice.others if other is not taken))
        layer = self._make(
            self._network.operators[index], replace(choice, taken=taken, others=others)
        )
        # What the other layers need does not change it.
        needs = [*self._needs[:index], self._needs_of(layer), *self._needs[index + 1 :]]
        size = bytes_of_layers(self._network, needs, self._io)[index]
        return _Variant(layer, size, taken.cost.cycles - choice.taken.cost.cycles)


def _is_like(other: Candidate, taken: Candidate) -> bool:
    """Other block sizes of the schedule that was taken; its weights stay as wide as they are."""
    widths = [candidate.blocks.get("weight_bits") for candidate in (taken, other)]
    return other.schedule == taken.schedule and widths[0] == widths[1]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a network would need and take, before any of its layers is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from microtvm.compiler.choice import Candidate, Choice, Choose
from microtvm.compiler.layer_key import layer_key
from microtvm.compiler.operators import Network, Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedule import layer_overlaps, layer_scratch
from microtvm.compiler.workspace import LayerNeeds, estimated_bytes, planned_ends


class Estimator:
    """Remembers layers: stripes of one chain are alike, and so are those of others."""

    def __init__(
        self, options: CompileOptions, choose: Choose, callers: frozenset[int] = frozenset()
    ) -> None:
        """
        Args:
            callers: tensors that are no part of the workspace.
        """
        self.callers = callers
        self._options = options
        self._choose = choose
        self._choices: dict[tuple[Any, ...], Choice] = {}
        self._needs: dict[tuple[Any, ...], tuple[int, Sequence[Any]]] = {}

    def choices(self, network: Network) -> list[Choice]:
        """As the caller chooses."""
        return [self._choice(operator, network.tensors) for operator in network.operators]

    def least_scratch(self, network: Network, most_cycles: float) -> list[Choice]:
        """Of each layer what has the least scratch, and of that what takes the fewest cycles.

        Args:
            most_cycles: of a layer, as a multiple of those of what the caller chooses.
        """
        found = []
        for operator, choice in zip(network.operators, self.choices(network), strict=True):
            limit = choice.taken.cost.cycles * most_cycles
            candidates = (choice.taken, *choice.others)
            near = [candidate for candidate in candidates if candidate.cost.cycles <= limit]
            found.append(self._least(operator, network.tensors, choice, near))
        return found

    def size(
        self, network: Network, choices: Sequence[Choice], most: int | None = None
    ) -> int | None:
        """Bytes of the workspace for part of a network; None where `most` seem too few."""
        needs = self._layer_needs(network, choices)
        return estimated_bytes(network, needs, self.callers, most)

    def planned(self, network: Network, choices: Sequence[Choice]) -> int:
        """Bytes of the workspace of a whole network, by the plan that it will have in one pool."""
        needs = self._layer_needs(network, choices)
        return max(planned_ends(network, needs, self._options.memory.io))

    def _layer_needs(self, network: Network, choices: Sequence[Choice]) -> list[LayerNeeds]:
        needs = []
        for operator, choice in zip(network.operators, choices, strict=True):
            scratch, overlaps = self._need(operator, network.tensors, choice)
            needs.append(LayerNeeds(operator, scratch, overlaps, lambda: None))
        return needs

    def _choice(self, operator: Operator, tensors: Sequence[Tensor]) -> Choice:
        key = layer_key(operator, tensors)
        if key not in self._choices:
            self._choices[key] = self._choose(operator, tensors, self._options)
        return self._choices[key]

    def _need(
        self, operator: Operator, tensors: Sequence[Tensor], choice: Choice
    ) -> tuple[int, Sequence[Any]]:
        key = (*layer_key(operator, tensors), str(choice.taken))
        if key not in self._needs:
            scratch = layer_scratch(operator, tensors, choice)
            self._needs[key] = scratch, layer_overlaps(operator, tensors, choice)
        return self._needs[key]

    def _least(
        self,
        operator: Operator,
        tensors: Sequence[Tensor],
        choice: Choice,
        candidates: Sequence[Candidate],
    ) -> Choice:
        choices = [choice.taking(candidate) for candidate in candidates]

        def price(one: Choice) -> tuple[int, int]:
            return self._need(operator, tensors, one)[0], one.taken.cost.cycles

        return min(choices, key=price)


def cycles_of(choices: Sequence[Choice]) -> int:
    return sum(choice.taken.cost.cycles for choice in choices)

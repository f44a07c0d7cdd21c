# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a layer can be computed by, and which of it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.cost_model import Cost
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions


@dataclass(frozen=True)
class Candidate:
    """A schedule with its block sizes, for one layer.

    Attributes:
        blocks: such as {"weight_bits": 16}.
        cost: estimated.
    """

    schedule: str
    blocks: Mapping[str, int]
    cost: Cost

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} {size}" for name, size in self.blocks.items())
        return f"{self.schedule} ({sizes})" if sizes else self.schedule


@dataclass(frozen=True)
class Choice:
    """Why a layer has its schedule.

    Attributes:
        taken: by which it is computed.
        others: that could compute it too.
        refusals: why a schedule for operators of its kind cannot, by its name.
    """

    taken: Candidate
    others: tuple[Candidate, ...]
    refusals: Mapping[str, str]

    def taking(self, candidate: Candidate) -> Choice:
        """The same with another one that can compute the layer."""
        others = (self.taken, *(other for other in self.others if other is not candidate))
        return self if candidate is self.taken else replace(self, taken=candidate, others=others)


# What a layer is to be computed by. The layouts and tuning of a whole model can take the place of
# schedule.py's `cheapest_schedule`.
Choose = Callable[[Operator, Sequence[Tensor], CompileOptions], Choice]


def cheapest(candidates: Sequence[Candidate]) -> Candidate:
    """The first whose cycles are the fewest, as far as the model can tell.

    A difference within the model's own median error is none: then the first counts.

    Args:
        candidates: not empty, in the order of the list of schedules and of their variants.
    """
    least = min(candidates, key=lambda candidate: candidate.cost.cycles).cost
    limit = least.cycles * (1 + least.error)
    return next(candidate for candidate in candidates if candidate.cost.cycles <= limit)

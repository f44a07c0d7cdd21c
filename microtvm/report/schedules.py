# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Why each layer has its schedule, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microtvm.session.metadata import LayerInfo, ModelMetadata
    from microtvm.session.schedule_choice import CandidateInfo


@dataclass(frozen=True)
class Schedule:
    """A schedule that a layer has or could have.

    Attributes:
        blocks: its block sizes, such as "weight_bits 8, band 3".
        reason: why it was not taken; "" for the one that was.
    """

    name: str
    blocks: str
    cycles: int
    reason: str

    def __str__(self) -> str:
        sizes = f" ({self.blocks})" if self.blocks else ""
        return f"{self.name}{sizes}, {self.cycles:,} cycles"


def schedules(layer: LayerInfo) -> tuple[Schedule, ...]:
    """What a layer is computed by, then what else it could be; nothing where it is not known."""
    if layer.choice is None:
        return ()
    taken = layer.choice.taken
    rows = [(taken, ""), *((other, _reason(taken, other)) for other in layer.choice.others)]
    return tuple(Schedule(row.schedule, _blocks(row), row.cycles, reason) for row, reason in rows)


def schedules_text(model: ModelMetadata) -> str:
    """A paragraph a layer: what was taken, what else could be, and what could not and why."""
    return "\n".join(_layer_text(layer) for layer in model.layers)


def _layer_text(layer: LayerInfo) -> str:
    lines = [layer.name]
    for row in schedules(layer):
        lines.append(f"  could take {row}: {row.reason}" if row.reason else f"  takes {row}")
    refused = layer.choice.refused if layer.choice else {}
    lines += [f"  cannot take {name}: it {reason}" for name, reason in refused.items()]
    return "\n".join(lines)


def _blocks(candidate: CandidateInfo) -> str:
    return ", ".join(f"{name} {size}" for name, size in candidate.blocks.items())


def _reason(taken: CandidateInfo, other: CandidateInfo) -> str:
    ratio = f"{other.cycles / taken.cycles:.2f} times the cycles" if taken.cycles else "more cycles"
    if other.cycles > taken.cycles:
        return ratio
    return f"{ratio}, within the error of the estimate, or for more memory"

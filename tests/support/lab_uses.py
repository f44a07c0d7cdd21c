# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a board in a lab saw: who used it from when to when, or that two did at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from support.lab import Event


@dataclass(frozen=True)
class Use:
    """From the loading of an image to the end of the connection in which it ran, in seconds."""

    owner: str
    start: float
    end: float

    def overlaps(self, other: Use) -> bool:
        return self.start < other.end and other.start < self.end


def uses_of(events: Sequence[Event]) -> list[Use]:
    """The uses, one after the other.

    Raises:
        ValueError: an event belongs to somebody else than the use in which it falls, or two are
            connected at a time.
    """
    kinds = ("load", "connect", "disconnect")
    uses = []
    for first in range(0, len(events), len(kinds)):
        steps = events[first : first + len(kinds)]
        owners = {step.owner for step in steps}
        if tuple(step.event for step in steps) != kinds or len(owners) != 1:
            raise ValueError(f"not one use: {steps}")
        uses.append(Use(steps[0].owner, steps[0].time, steps[-1].time))
    return uses

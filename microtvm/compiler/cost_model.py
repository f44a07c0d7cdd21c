# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The cycles of a layer before there is any code: how often a schedule does what, times its cycles.

cycles = sum over terms of count * cycles of the term. A rule's `work` counts the terms; their
cycles are in costs.toml, which scripts/fit_costs makes from layers that were run.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from microtvm.target import Target

COSTS_FILE = Path(__file__).with_name("costs.toml")


@dataclass(frozen=True)
class Cost:
    """An estimate of a layer.

    Attributes:
        cycles: of the core alone, as if no memory made it wait.
        error: the median error of such estimates, a fraction, on the layers they were made from.
    """

    cycles: int
    error: float


@dataclass(frozen=True)
class ScheduleCosts:
    """What a schedule's terms cost on a core.

    Attributes:
        cycles: by term.
        median_error, worst_error: fractions, on the layers that the cycles were made from.
    """

    cycles: Mapping[str, float]
    median_error: float
    worst_error: float

    def cost(self, work: Mapping[str, int]) -> Cost:
        """Of what a rule's `work` counted.

        A term that no layer had that was measured counts as the dearest that is known.
        """
        dearest = max(self.cycles.values())
        cycles = sum(self.cycles.get(term, dearest) * count for term, count in work.items())
        return Cost(round(cycles), self.median_error)


def schedule_costs(target: Target, schedule: str) -> ScheduleCosts:
    """The figures of a schedule for a core, or for the core most like it."""
    return costs_of(target.timed_as)[schedule]


@functools.cache
def costs_of(core: str) -> Mapping[str, ScheduleCosts]:
    """Every schedule's figures for one of the cores that were measured."""
    return {
        schedule: ScheduleCosts(entry["cycles"], entry["median_error"], entry["worst_error"])
        for schedule, entry in _tables()[core].items()
    }


@functools.cache
def _tables() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return tomllib.loads(COSTS_FILE.read_text(encoding="utf-8"))

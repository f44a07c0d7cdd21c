# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The text of costs.toml."""

from __future__ import annotations

from collections.abc import Mapping

from microtvm.compiler.cost_model import ScheduleCosts

_HEAD = """# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
#
# Written by scripts/fit_costs: what each term of a schedule's work takes, in cycles of the core
# alone, and how far such sums are from the layers that they were found from, as fractions.
"""


def costs_text(costs: Mapping[str, Mapping[str, ScheduleCosts]]) -> str:
    """By core, by schedule; in order of their names."""
    parts = [_HEAD]
    for core, schedules in sorted(costs.items()):
        for schedule, entry in sorted(schedules.items()):
            lines = [
                f"[{core}.{schedule}]",
                f"median_error = {entry.median_error}",
                f"worst_error = {entry.worst_error}",
                f"[{core}.{schedule}.cycles]",
                *(f"{term} = {cycles}" for term, cycles in sorted(entry.cycles.items())),
            ]
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)

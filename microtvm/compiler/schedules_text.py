# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Why each layer has its schedule, for a person to read."""

from __future__ import annotations

from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.program import Layer, Program


def schedules_text(program: Program) -> str:
    """A paragraph a layer: what was taken, what else could be, and what could not and why."""
    return "\n".join(_layer_text(layer) for layer in program.layers)


def _layer_text(layer: Layer) -> str:
    choice = layer.choice
    lines = [f"{layer.name}", f"  takes {_estimate(choice.taken)}"]
    lines += [
        f"  could take {_estimate(other)}: {_reason(choice, other)}" for other in choice.others
    ]
    lines += [f"  cannot take {name}: it {reason}" for name, reason in choice.refusals.items()]
    return "\n".join(lines)


def _estimate(candidate: Candidate) -> str:
    return f"{candidate}, {candidate.cost.cycles:,} cycles"


def _reason(choice: Choice, other: Candidate) -> str:
    """Of what was not taken."""
    taken, cycles = choice.taken.cost.cycles, other.cost.cycles
    ratio = f"{cycles / taken:.2f} times the cycles" if taken else "more cycles"
    return ratio if cycles > taken else f"{ratio}, too little to be sure of or to pay for memory"

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Smaller blocks for the layers that need the most memory, where few cycles pay for it.

A layer's schedule is chosen for its cycles. But the workspace is as large as the layer that needs
the most, so that layer may take other block sizes of its schedule: with less scratch, or with an
output that may lie further over the input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.operators import Network, Operator
from microtvm.compiler.workspace import LayerNeeds, bytes_of_layers

# Of all layers' estimated cycles, what may be paid in all. MLPerf Tiny's vww takes 0.6 % more for
# 40,128 bytes in place of 42,384.
MOST_CYCLES = 0.01

Made = TypeVar("Made")


def spare_memory(
    network: Network,
    choices: Sequence[Choice],
    make: Callable[[Operator, Choice], Made],
    needs: Callable[[Made], LayerNeeds],
) -> list[Made]:
    """Makes every layer as it was chosen, but for those that need the most.

    Args:
        make: a layer as it is chosen. needs: what a layer takes of the workspace.
    """
    choices = list(choices)
    made = [make(*pair) for pair in zip(network.operators, choices, strict=True)]
    left = MOST_CYCLES * sum(choice.taken.cost.cycles for choice in choices)
    while made:
        sizes = bytes_of_layers(network, [needs(layer) for layer in made])
        peak = sizes.index(max(sizes))
        best = None
        for choice in _affordable(choices[peak], left):
            layer = make(network.operators[peak], choice)
            others = [*made[:peak], layer, *made[peak + 1 :]]
            size = bytes_of_layers(network, [needs(other) for other in others])[peak]
            if size < (sizes[peak] if best is None else best[0]):
                best = size, choice, layer
        if best is None:
            break
        left -= best[1].taken.cost.cycles - choices[peak].taken.cost.cycles
        _, choices[peak], made[peak] = best
    return made


def _affordable(choice: Choice, cycles: float) -> list[Choice]:
    """Other block sizes of the schedule that was taken; its weights stay as wide as they are."""
    taken = choice.taken

    def is_like_it(other: Candidate) -> bool:
        widths = [candidate.blocks.get("weight_bits") for candidate in (taken, other)]
        return other.schedule == taken.schedule and widths[0] == widths[1]

    return [
        replace(choice, taken=other, others=(taken, *(o for o in choice.others if o is not other)))
        for other in choice.others
        if is_like_it(other) and other.cost.cycles - taken.cost.cycles <= cycles
    ]

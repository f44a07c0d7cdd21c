# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From counts to cycles: each edge between two blocks by the rules of the core, times its count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from bench_model.counts import NO_BLOCK, Counts, Interval
from bench_model.errors import BenchError
from bench_model.image import Image
from bench_model.timing import Block, Timing
from bench_model.timing_m4 import CortexM4
from bench_model.timing_m7 import CortexM7


def timings_of(core: str) -> tuple[Timing, ...]:
    """The rules of a core: the ones that give the least cycles first, those for the most last."""
    if core == "cortex-m4":
        return (CortexM4(),)
    if core == "cortex-m7":
        return (CortexM7(paired_loads=True), CortexM7(paired_loads=False))
    raise BenchError(
        f"There are no timing rules for core {core!r}", expected="cortex-m4 or cortex-m7"
    )


class Estimator:
    """Cycles of the intervals of one run on one core."""

    def __init__(self, counts: Counts, image: Image, timing: Timing) -> None:
        self._counts = counts
        self._image = image
        self._timing = timing
        self._blocks: dict[int, Block] = {NO_BLOCK: ()}
        self._edges: dict[tuple[int, int], int] = {}

    def cycles(self, interval: Interval) -> int:
        """The cycles of the core, were its memory never to make it wait."""
        total = sum(count * self._edge(edge) for edge, count in interval.edges.items())
        total += self._timing.mispredictions(self._branches(interval))
        return total + self._timing.unaligned(interval.unaligned)

    def _edge(self, edge: tuple[int, int]) -> int:
        if edge not in self._edges:
            before, block = edge
            self._edges[edge] = self._timing.edge(self._block(before), self._block(block))
        return self._edges[edge]

    def _branches(self, interval: Interval) -> Mapping[int, Mapping[int, int]]:
        """How often each block that ends in a branch was followed by which."""
        followers: dict[int, dict[int, int]] = defaultdict(dict)
        for (before, block), count in interval.edges.items():
            if before != NO_BLOCK and self._block(before)[-1].can_branch:
                followers[before][block] = count
        return followers

    def _block(self, index: int) -> Block:
        if index not in self._blocks:
            self._blocks[index] = self._image.block(self._counts.blocks[index])
        return self._blocks[index]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the counting plugin wrote: for each interval between two marks, how often each block of
instructions followed which, and what its memory model saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench_model.errors import BenchError

# Stands before the first block of a program.
NO_BLOCK = -1


@dataclass(frozen=True)
class BlockKey:
    """A block of instructions: the same address may begin a shorter and a longer one."""

    address: int
    instructions: int


@dataclass(frozen=True)
class Interval:
    """What ran between two marks.

    Attributes:
        edges: how often a block (second) ran after another one (first), by their indices.
        code_reads, data_reads: words that the flash had to deliver past its line caches.
        unaligned: accesses at an address that is no multiple of their size.
        stack_low: the lowest address in the stack that was written, its end where none was.
    """

    edges: Mapping[tuple[int, int], int]
    code_reads: int
    data_reads: int
    unaligned: int
    stack_low: int


@dataclass(frozen=True)
class Counts:
    """A whole run."""

    blocks: tuple[BlockKey, ...]
    intervals: tuple[Interval, ...]

    def instructions(self, interval: Interval) -> int:
        """How many instructions ran in an interval."""
        return sum(
            count * self.blocks[block].instructions for (_, block), count in interval.edges.items()
        )


def parse_counts(lines: Iterable[str]) -> Counts:
    """Reads the plugin's file.

    Raises:
        BenchError: it is not whole.
    """
    blocks: list[BlockKey] = []
    intervals: list[Interval] = []
    edges: dict[tuple[int, int], int] = {}
    ended = False
    for line in lines:
        word, *rest = line.split()
        numbers = [int(number) for number in rest]
        if word == "edge":
            edges[numbers[0], numbers[1]] = numbers[2]
        elif word == "interval":
            intervals.append(Interval(edges, *numbers))
            edges = {}
        elif word == "block":
            blocks.append(BlockKey(*numbers[1:]))
        ended = word == "end"
    if not ended:
        raise BenchError(
            "The counts of QEMU's plugin are not whole", hint="is there room on the disk?"
        )
    return Counts(tuple(blocks), tuple(intervals))

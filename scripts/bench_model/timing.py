# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the timing rules of a core must offer, and which rules each core has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from bench_model.instruction import Instruction

Block = tuple[Instruction, ...]


class Timing(ABC):
    """The cycles of a core whose memory never makes it wait."""

    @abstractmethod
    def edge(self, before: Block, block: Block) -> int:
        """The cycles of a block that runs after another one, or first where `before` is empty."""

    def mispredictions(self, executions: Mapping[int, Mapping[int, int]]) -> int:
        """The cycles lost at branches that went elsewhere than the core expected.

        Args:
            executions: how often each block that can branch was followed by which.
        """
        return 0

    def unaligned(self, accesses: int) -> int:
        """The cycles lost to accesses that are not aligned."""
        return 0


def is_taken(before: Block, block: Block) -> bool:
    """Whether the way from a block to the next one is a jump."""
    return bool(before) and before[-1].end != block[0].address

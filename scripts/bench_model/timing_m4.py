# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cycles of a Cortex-M4, by the instruction timings of Arm's Technical Reference Manual.

Where the manual gives a range, a middle value stands here: a division takes 2 to 12 cycles, the
refill after a branch 1 to 3.
"""

from __future__ import annotations

from bench_model.instruction import Instruction, Kind, Role
from bench_model.timing import Block, Timing, is_taken

_DIVIDE = 7
_FLOAT_MULTIPLY_ADD = 3
_FLOAT_DIVIDE = 14
_REFILL_DIRECT = 1
_REFILL_INDIRECT = 2

_ONE_AND_EACH_WORD = frozenset({Kind.LOAD_MANY, Kind.STORE_MANY, Kind.FLOAT_LOAD, Kind.FLOAT_STORE})
_FLOAT_RESULTS = frozenset({Kind.FLOAT_ARITHMETIC, Kind.FLOAT_MULTIPLY_ADD, Kind.FLOAT_DIVIDE})
_FIXED = {
    Kind.DIVIDE: _DIVIDE,
    Kind.FLOAT_MULTIPLY_ADD: _FLOAT_MULTIPLY_ADD,
    Kind.FLOAT_DIVIDE: _FLOAT_DIVIDE,
    Kind.TABLE_BRANCH: 2,
}


class CortexM4(Timing):
    """One instruction at a time, loads in a row overlapping by a cycle."""

    def edge(self, before: Block, block: Block) -> int:
        if is_taken(before, block):
            return refill(before[-1], block[0]) + straight(block, None)
        return straight(block, before[-1] if before else None)


def straight(block: Block, previous: Instruction | None) -> int:
    """The cycles of instructions in a row, none of which jumps."""
    total = 0
    for instruction in block:
        total += _cycles(instruction, previous)
        previous = instruction
    return total


def refill(branch: Instruction, target: Instruction) -> int:
    """The cycles that a taken branch adds to its own."""
    if not branch.can_branch:
        return 0
    cycles = _REFILL_DIRECT if branch.kind is Kind.BRANCH else _REFILL_INDIRECT
    # A target of two halfwords in two words has to be fetched twice.
    straddles = target.size == 4 and target.address % 4 == 2
    return cycles + straddles


def _cycles(instruction: Instruction, previous: Instruction | None) -> int:
    kind = instruction.kind
    if kind in _ONE_AND_EACH_WORD:
        cycles = 1 + instruction.words
    elif kind is Kind.LOAD:
        cycles = 2 - _overlaps(previous, instruction)
    elif kind is Kind.STORE:
        cycles = 2 - _overlaps(previous, instruction) if instruction.register_offset else 1
    elif kind is Kind.IT:
        cycles = 0 if previous is not None and previous.size == 2 else 1
    else:
        cycles = _FIXED.get(kind, 1)
    return cycles + _waits_for_float(previous, instruction)


def _overlaps(previous: Instruction | None, instruction: Instruction) -> bool:
    """Whether a load or store shares a cycle with the load just before it."""
    if previous is None or previous.kind is not Kind.LOAD or previous.can_branch:
        return False
    return previous.writes.isdisjoint(instruction.registers(Role.ADDRESS))


def _waits_for_float(previous: Instruction | None, instruction: Instruction) -> bool:
    """Whether the result of a floating-point operation is used at once."""
    if previous is None or previous.kind not in _FLOAT_RESULTS:
        return False
    return any(register in previous.writes for register, _ in instruction.reads)

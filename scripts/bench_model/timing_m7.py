# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cycles of a Cortex-M7: two instructions at a time, in order.

Arm publishes no timings of this core. The rules are those that others have measured on
microcontrollers and that compilers schedule by. Whether two loads can be issued together depends
on their addresses, which are not known here: both answers can be assumed, for a range.
"""

from __future__ import annotations

from collections.abc import Mapping

from bench_model.classify import saturates
from bench_model.instruction import Instruction, Kind, Role
from bench_model.timing import Block, Timing, is_taken

_MISPREDICTION = 8
_UNALIGNED = 3
_DIVIDE = 7
_TABLE_BRANCH = 2
_FLOAT = 3
_FLOAT_DIVIDE = 16

_LOADS = frozenset({Kind.LOAD, Kind.FLOAT_LOAD})
_STORES = frozenset({Kind.STORE, Kind.FLOAT_STORE})
_MANY = frozenset({Kind.LOAD_MANY, Kind.STORE_MANY})
_BRANCHES = frozenset({Kind.BRANCH, Kind.INDIRECT_BRANCH})
_FLOAT_UNIT = frozenset(
    {Kind.FLOAT_MOVE, Kind.FLOAT_ARITHMETIC, Kind.FLOAT_MULTIPLY_ADD, Kind.FLOAT_DIVIDE}
)
_ALONE = _MANY | {Kind.DIVIDE, Kind.TABLE_BRANCH, Kind.SYSTEM}

# Cycles from the issue of what makes a value to the issue of what reads it, by what it is read for.
_Delays = Mapping[Role, int]


def _delays(value: int, accumulator: int, factor: int, address: int, stored: int) -> _Delays:
    """Operands of the shifter are needed as early as addresses."""
    return {
        Role.VALUE: value,
        Role.ACCUMULATOR: accumulator,
        Role.FACTOR: factor,
        Role.ADDRESS: address,
        Role.SHIFTED: address,
        Role.STORED: stored,
    }


_SUM = _delays(1, 1, 1, 2, 0)
_SLOW_SUM = _delays(2, 2, 2, 3, 1)
_PRODUCT = _delays(2, 1, 2, 3, 1)
_WORD = _delays(1, 1, 2, 2, 1)
_NARROW = _delays(2, 2, 3, 3, 2)
_BASE = _delays(1, 1, 1, 1, 0)
_FLOAT_RESULT = _delays(_FLOAT, _FLOAT, _FLOAT, _FLOAT, _FLOAT - 1)
_FLOAT_QUOTIENT = _delays(_FLOAT_DIVIDE, _FLOAT_DIVIDE, _FLOAT_DIVIDE, _FLOAT_DIVIDE, _FLOAT_DIVIDE)


class CortexM7(Timing):
    """The core, with loads always issued in pairs where nothing else forbids it, or never."""

    def __init__(self, *, paired_loads: bool) -> None:
        self._paired_loads = paired_loads

    def edge(self, before: Block, block: Block) -> int:
        issue = _Issue(self._paired_loads)
        issue.run(before)
        start = issue.end
        if is_taken(before, block):
            issue.jump()
        issue.run(block)
        return issue.end - start

    def mispredictions(self, executions: Mapping[int, Mapping[int, int]]) -> int:
        """Each branch is expected to go where it goes most often."""
        missed = sum(
            sum(followers.values()) - max(followers.values()) for followers in executions.values()
        )
        return missed * _MISPREDICTION

    def unaligned(self, accesses: int) -> int:
        return accesses * _UNALIGNED


class _Issue:
    """The state of the core's issue stage."""

    def __init__(self, paired_loads: bool) -> None:
        self.end = 0  # the cycle after the one in which something was issued last
        self._paired_loads = paired_loads
        self._older: Instruction | None = None  # issued in cycle end - 1, with room beside it
        self._ready: dict[str, tuple[int, _Delays]] = {}

    def run(self, block: Block) -> None:
        for instruction in block:
            self._issue(instruction)

    def jump(self) -> None:
        """What a branch leads to is issued in a later cycle than the branch."""
        self._older = None

    def _issue(self, instruction: Instruction) -> None:
        earliest = self._operands_ready(instruction)
        older = self._older
        if older is not None and earliest < self.end and self._can_pair(older, instruction):
            cycle = self.end - 1
            self._older = None
        else:
            cycle = max(earliest, self.end)
            self._older = None if instruction.kind in _ALONE else instruction
        self.end = cycle + _occupancy(instruction)
        for register in instruction.writes:
            self._ready[register] = (self.end - 1, _result_delays(instruction, register))

    def _operands_ready(self, instruction: Instruction) -> int:
        earliest = 0
        for register, role in instruction.reads:
            if register in self._ready:
                cycle, delays = self._ready[register]
                earliest = max(earliest, cycle + delays[role])
        return earliest

    def _can_pair(self, older: Instruction, younger: Instruction) -> bool:
        kinds = (older.kind, younger.kind)
        if younger.kind in _ALONE or younger.kind is Kind.DSP:
            return False
        if _is_double(older) or _is_double(younger):
            return False
        if all(kind in _LOADS for kind in kinds) and not self._paired_loads:
            return False
        if any(all(kind in unit for kind in kinds) for unit in (_STORES, _BRANCHES, _FLOAT_UNIT)):
            return False
        if Kind.MULTIPLY in kinds and all(kind in _STORES | {Kind.MULTIPLY} for kind in kinds):
            return False
        if older.shifter and younger.shifter:
            return False
        return older.writes.isdisjoint(younger.writes)


def _is_double(instruction: Instruction) -> bool:
    """Two words of floating point take both halves of the way to memory."""
    return instruction.kind in (Kind.FLOAT_LOAD, Kind.FLOAT_STORE) and instruction.words > 1


def _occupancy(instruction: Instruction) -> int:
    """The cycles before the next instruction that cannot be issued with this one."""
    if instruction.kind in _MANY:
        return (instruction.words + 1) // 2
    if instruction.kind is Kind.DIVIDE:
        return _DIVIDE
    return _TABLE_BRANCH if instruction.kind is Kind.TABLE_BRANCH else 1


def _result_delays(instruction: Instruction, register: str) -> _Delays:
    kind = instruction.kind
    if register == instruction.writeback:
        return _BASE
    if kind is Kind.MULTIPLY:
        return _PRODUCT
    if kind in _LOADS or kind is Kind.LOAD_MANY:
        return _NARROW if instruction.narrow else _WORD
    if kind is Kind.FLOAT_DIVIDE:
        return _FLOAT_QUOTIENT
    if kind in _FLOAT_UNIT:
        return _FLOAT_RESULT
    return _SLOW_SUM if saturates(instruction.name) else _SUM

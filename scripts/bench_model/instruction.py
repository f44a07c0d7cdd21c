# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""An instruction as the timing rules see it: what kind it is, what it reads for what, what it
writes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """What an instruction occupies in a core."""

    SIMPLE = enum.auto()
    DSP = enum.auto()  # and bit fields, extensions, saturation
    MULTIPLY = enum.auto()  # with or without addition
    DIVIDE = enum.auto()
    LOAD = enum.auto()
    STORE = enum.auto()
    LOAD_MANY = enum.auto()  # ldm, pop, ldrd
    STORE_MANY = enum.auto()
    BRANCH = enum.auto()  # to an address that the instruction holds
    INDIRECT_BRANCH = enum.auto()  # to one in a register
    TABLE_BRANCH = enum.auto()
    IT = enum.auto()
    FLOAT_LOAD = enum.auto()
    FLOAT_STORE = enum.auto()
    FLOAT_MOVE = enum.auto()  # and conversion, comparison
    FLOAT_ARITHMETIC = enum.auto()  # addition, multiplication
    FLOAT_MULTIPLY_ADD = enum.auto()
    FLOAT_DIVIDE = enum.auto()
    SYSTEM = enum.auto()


class Role(enum.Enum):
    """What a register is read for: some are needed earlier than others."""

    VALUE = enum.auto()
    SHIFTED = enum.auto()
    FACTOR = enum.auto()
    ACCUMULATOR = enum.auto()
    ADDRESS = enum.auto()
    STORED = enum.auto()


_BRANCHES = frozenset({Kind.BRANCH, Kind.INDIRECT_BRANCH, Kind.TABLE_BRANCH})


@dataclass(frozen=True)
class Instruction:
    """One instruction at its address.

    Attributes:
        name: without condition, width and flags: "add" for "addeq.w".
        reads: each register with what it is read for.
        writes: registers, the base of a written-back address among them.
        writeback: that base.
        words: that a load or store moves; 1 for less than a word.
        narrow: the load is of a byte or a halfword.
        shifter: it takes the shifter in front of an adder.
        register_offset: the address is a sum of two registers.
    """

    address: int
    size: int
    name: str
    kind: Kind
    reads: tuple[tuple[str, Role], ...] = ()
    writes: frozenset[str] = frozenset()
    writeback: str | None = None
    words: int = 0
    narrow: bool = False
    shifter: bool = False
    register_offset: bool = False

    @property
    def end(self) -> int:
        return self.address + self.size

    @property
    def can_branch(self) -> bool:
        return self.kind in _BRANCHES or "pc" in self.writes

    def registers(self, role: Role) -> frozenset[str]:
        """The registers that are read for one purpose."""
        return frozenset(register for register, purpose in self.reads if purpose is role)

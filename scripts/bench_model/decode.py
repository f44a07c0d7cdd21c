# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Machine code to instructions, by way of capstone, whose lists of registers have gaps that are
filled here.
"""

from __future__ import annotations

import re
from typing import Any

import capstone
from capstone import arm

from bench_model.classify import (
    adds_to_32_bits,
    adds_to_64_bits,
    kind_of,
    loads_narrow,
    shifts_operand,
    takes_shifter,
)
from bench_model.errors import BenchError
from bench_model.instruction import Instruction, Kind, Role

_MODE = capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
_STATUS = frozenset({"apsr", "apsr_nzcv", "cpsr", "fpscr", "fpscr_nzcv", "itstate"})
_STACK = frozenset({"push", "pop", "vpush", "vpop"})
# The rotation of an extension is part of it; a shift alone needs its operand no earlier than a sum.
_WHOLLY_A_SHIFT = re.compile(r"[su]xt(b16|b|h)|lsl|lsr|asr|ror|rrx")
_DOUBLE = re.compile(r"d(\d+)")
_MEMORY_STORES = frozenset({Kind.STORE, Kind.STORE_MANY, Kind.FLOAT_STORE})
_MOVES_WORDS = _MEMORY_STORES | {Kind.LOAD, Kind.LOAD_MANY, Kind.FLOAT_LOAD}


def decode(code: bytes, address: int, count: int) -> tuple[Instruction, ...]:
    """The first `count` instructions of `code`, which lies at `address`.

    Raises:
        BenchError: there are fewer.
    """
    engine = capstone.Cs(capstone.CS_ARCH_ARM, _MODE)
    engine.detail = True
    found = tuple(_convert(insn) for insn in engine.disasm(code, address, count))
    if len(found) != count:
        end = found[-1].end if found else address
        raise BenchError(f"There is no instruction at {end:#010x} that capstone knows")
    return found


def _convert(insn: Any) -> Instruction:
    name = str(insn.insn_name())
    kind = kind_of(name)
    registers = _Registers(insn, name, kind)
    moved = registers.moved if kind in _MOVES_WORDS else frozenset()
    return Instruction(
        address=int(insn.address),
        size=int(insn.size),
        name=name,
        kind=kind,
        reads=tuple(registers.reads),
        writes=frozenset(registers.writes),
        writeback=registers.writeback,
        words=len(moved),
        narrow=loads_narrow(name),
        shifter=registers.shifter,
        register_offset=registers.register_offset,
    )


class _Registers:
    """What an instruction does with registers, collected operand by operand."""

    def __init__(self, insn: Any, name: str, kind: Kind) -> None:
        self.reads: list[tuple[str, Role]] = []
        self.writes: set[str] = set()
        self.writeback: str | None = None
        self.register_offset = False
        self.shifter = takes_shifter(name)
        self._insn = insn
        self._name = name
        self._kind = kind
        self._operands = [op for op in insn.operands if op.type == arm.ARM_OP_REG]
        self._memory = [op for op in insn.operands if op.type == arm.ARM_OP_MEM]
        self._take_base()
        for position, operand in enumerate(self._operands):
            self._add_register(position, operand)
        for operand in self._memory:
            self._add_memory(operand)
        self._add_implied()

    @property
    def moved(self) -> frozenset[str]:
        """The registers that a load or store moves, as words."""
        names: set[str] = set()
        for operand in self._operands:
            names.update(self._names(operand.reg))
        return frozenset(names)

    def _take_base(self) -> None:
        """The base of ldm and stm, which capstone lists as the first register."""
        many = self._kind in (Kind.LOAD_MANY, Kind.STORE_MANY)
        if not many or self._name in _STACK or self._memory:
            return
        base = str(self._insn.reg_name(self._operands.pop(0).reg))
        self.reads.append((base, Role.ADDRESS))
        if self._insn.writeback:
            self._write_back(base)

    def _add_register(self, position: int, operand: Any) -> None:
        read, written = self._access(position, operand)
        for name in self._names(operand.reg):
            if written:
                self.writes.add(name)
            if read:
                self.reads.append((name, self._role(position, operand)))

    def _access(self, position: int, operand: Any) -> tuple[bool, bool]:
        """Whether a register is read, and whether it is written."""
        if self._kind in (Kind.LOAD_MANY, Kind.STORE_MANY):
            loads = self._kind is Kind.LOAD_MANY
            return not loads, loads
        written = bool(operand.access & capstone.CS_AC_WRITE)
        # Where capstone says nothing, the register is a source.
        read = bool(operand.access & capstone.CS_AC_READ) or not written
        return read or (adds_to_64_bits(self._name) and position < 2), written

    def _role(self, position: int, operand: Any) -> Role:
        if self._kind in _MEMORY_STORES:
            return Role.STORED
        if self._kind is Kind.MULTIPLY:
            last = position == len(self._operands) - 1
            added = (adds_to_64_bits(self._name) and position < 2) or (
                adds_to_32_bits(self._name) and last
            )
            return Role.ACCUMULATOR if added else Role.FACTOR
        if operand.shift.type != arm.ARM_SFT_INVALID and not _WHOLLY_A_SHIFT.fullmatch(self._name):
            self.shifter = True
            return Role.SHIFTED
        return Role.SHIFTED if shifts_operand(self._name) else Role.VALUE

    def _add_memory(self, operand: Any) -> None:
        base = str(self._insn.reg_name(operand.mem.base))
        self.reads.append((base, Role.ADDRESS))
        if operand.mem.index:
            self.register_offset = True
            self.reads.append((str(self._insn.reg_name(operand.mem.index)), Role.ADDRESS))
        if self._insn.writeback:
            self._write_back(base)

    def _add_implied(self) -> None:
        if self._name in _STACK:
            self.reads.append(("sp", Role.ADDRESS))
            self._write_back("sp")
        if self._name in ("bl", "blx"):
            self.writes.add("lr")

    def _write_back(self, base: str) -> None:
        self.writeback = base
        self.writes.add(base)

    def _names(self, register: int) -> tuple[str, ...]:
        """The register by name; a double one as the two single ones, status as none."""
        name = str(self._insn.reg_name(register))
        double = _DOUBLE.fullmatch(name)
        if double:
            first = 2 * int(double[1])
            return (f"s{first}", f"s{first + 1}")
        return () if name in _STATUS else (name,)

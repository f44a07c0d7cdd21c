# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How deep one function's stack is at each of its instructions, and at each of its calls.

Depths are bytes below the stack pointer at the function's entry. Each way through the function is
followed; where ways meet, the deeper one counts. A way that grows each time round has no depth.

What is taken for granted of the code: a call that is the last instruction of its function does not
return; a jump by a register stays in the function while something is on the stack; a place has the
same depth however a jump by a table or a register leads there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from microtvm_project.stack.instructions import (
    BRANCH,
    CALL,
    CALL_POINTER,
    JUMP_POINTER,
    JUMP_TABLE,
    NEXT,
    Instruction,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# A function that needs more stack than this is one that was not understood.
_DEEPEST = 1 << 20


@dataclass(frozen=True)
class Call:
    """A place where another function is entered.

    Attributes:
        address: of the instruction.
        depth: of the stack there, bytes.
        target: address of the function, None where a register has it.
    """

    address: int
    depth: int
    target: int | None


@dataclass(frozen=True)
class FunctionDepth:
    """What a function itself needs.

    Attributes:
        own: the deepest that it gets by itself, bytes.
        calls: whom it enters, tail calls included.
        problem: why the figures cannot be trusted, "" where they can.
    """

    own: int
    calls: tuple[Call, ...]
    problem: str = ""


@dataclass
class _Walk:
    """Depths found so far, by address, before the instruction there."""

    code: Mapping[int, Instruction]
    entries: Collection[int]
    start: int
    depths: dict[int, int] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    computed: int | None = None
    problem: str = ""

    def reach(self, address: int, depth: int) -> None:
        if address not in self.depths or depth > self.depths[address]:
            self.depths[address] = depth
            self.waiting.append(address)


def function_depth(
    code: Mapping[int, Instruction], entries: Collection[int], start: int, end: int
) -> FunctionDepth:
    """Follows a function.

    Args:
        code: all instructions of the image by address.
        entries: where functions begin; a branch there is a call that does not come back.
        start: where this function begins.
        end: where the next one begins.
    """
    walk = _Walk(code, entries, start)
    walk.reach(start, 0)
    _follow(walk)
    for address in range(start, end, 2):
        if walk.computed is not None and address not in walk.depths and _may_begin(code, address):
            walk.reach(address, walk.computed)
            _follow(walk)
    own = max(depth + max(code[at].pushed or 0, 0) for at, depth in walk.depths.items())
    return FunctionDepth(own, _calls(walk), walk.problem)


def _may_begin(code: Mapping[int, Instruction], address: int) -> bool:
    """Whether a jump by a table may lead to an address: nops fill gaps."""
    return address in code and not code[address].text.startswith("nop")


def _follow(walk: _Walk) -> None:
    while walk.waiting and not walk.problem:
        address = walk.waiting.pop()
        instruction = walk.code[address]
        before = walk.depths[address]
        if instruction.pushed is None:
            walk.problem = (
                f"'{instruction.text}' at {address:#x} moves the stack by an unknown amount"
            )
            return
        after = before + instruction.pushed
        if after > _DEEPEST:
            walk.problem = f"the stack grows each time round a loop at {address:#x}"
            return
        _step(walk, instruction, before, after)


def _step(walk: _Walk, instruction: Instruction, before: int, after: int) -> None:
    following = instruction.address + instruction.size
    if instruction.goes == BRANCH and not _leaves(walk, instruction):
        _reach(walk, instruction, instruction.target, after)
    if instruction.goes == JUMP_TABLE or _stays(instruction, after):
        walk.computed = max(walk.computed or 0, after)
    if _goes_on(instruction) or instruction.goes in (CALL, CALL_POINTER):
        depth = max(before, after) if instruction.conditional else after
        if following not in walk.entries:
            _reach(walk, instruction, following, depth)


def _reach(walk: _Walk, origin: Instruction, address: int, depth: int) -> None:
    if address in walk.code:
        walk.reach(address, depth)
    elif not _is_padding(walk, origin.address):
        walk.problem = f"'{origin.text}' at {origin.address:#x} leads to what is no instruction"


def _goes_on(instruction: Instruction) -> bool:
    """Whether the next instruction may follow, calls apart."""
    return instruction.goes == NEXT or instruction.conditional


def _leaves(walk: _Walk, instruction: Instruction) -> bool:
    """Whether a branch goes to another function."""
    return instruction.target in walk.entries and instruction.target != walk.start


def _stays(instruction: Instruction, depth: int) -> bool:
    """Whether a jump by a register stays in its function."""
    return instruction.goes == JUMP_POINTER and depth != 0


def _calls(walk: _Walk) -> tuple[Call, ...]:
    calls = []
    for address, depth in sorted(walk.depths.items()):
        instruction = walk.code[address]
        after = depth + (instruction.pushed or 0)
        following = address + instruction.size
        if instruction.goes == CALL or (instruction.goes == BRANCH and _leaves(walk, instruction)):
            calls.append(Call(address, after, instruction.target))
        elif instruction.goes == CALL_POINTER or (
            instruction.goes == JUMP_POINTER and not _stays(instruction, after)
        ):
            calls.append(Call(address, after, None))
        if _goes_on(instruction) and following in walk.entries and not _is_padding(walk, address):
            calls.append(Call(address, max(depth, after), following))
    return tuple(calls)


def _is_padding(walk: _Walk, address: int) -> bool:
    """Whether the last of a function is a call that does not return, or a nop after one."""
    while address in walk.code and walk.code[address].text.startswith("nop"):
        before = [address - size for size in (2, 4) if address - size in walk.code]
        adjacent = [at for at in before if at + walk.code[at].size == address]
        if not adjacent:
            return True
        address = adjacent[0]
    return walk.code[address].goes in (CALL, CALL_POINTER)

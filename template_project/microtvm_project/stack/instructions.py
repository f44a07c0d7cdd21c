# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the disassembler prints of an image, as the few things that matter to the stack.

An instruction moves the stack pointer, goes elsewhere, or does neither. What writes the stack
pointer in a way that is not known here is marked, so that nobody takes it for "neither".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.process import Command, output_of

if TYPE_CHECKING:
    from pathlib import Path

# Where an instruction goes.
NEXT = "next"
BRANCH = "branch"  # to `target`
CALL = "call"  # of `target`, and back
CALL_POINTER = "call pointer"  # of a register, and back
JUMP_POINTER = "jump pointer"  # to a register: another function, or a place in this one
JUMP_TABLE = "jump table"  # to a place in this function
RETURN = "return"
STOP = "stop"

_LINE = re.compile(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)(?:\t(.*))?")
_COMMENT = re.compile(r"\s*[;@] .*$")
_CONDITION = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al"
_NAME = re.compile(
    r"(b|bl|blx|bx|push|pop|vpush|vpop|stmdb|stmfd|ldmia|ldmfd|ldm|vstmdb|vldmia|cbn?z|tb[bh]|udf"
    rf"|mov|ldr|adds?|addw|subs?|subw)({_CONDITION})?(?:\.[nw])?"
)
_TARGET = re.compile(r"(?:\w+, )?(?:0x)?([0-9a-f]+) <")
_REGISTER = re.compile(r"([a-z]+)(\d*)")
_PRE_INDEXED = re.compile(r"\[sp, #(-?\d+)\]!")
_POST_INDEXED = re.compile(r"\[sp\], #(-?\d+)")
_ADDITION = re.compile(r"sp, (?:sp, )?#(\d+)")

# Jumps by a table in the code itself.
_TABLES = ("pc, r", "pc, pc, r", "pc, [pc, r")

# They read their first operand.
_READERS = ("cmp", "cmn", "tst", "teq", "str", "vstr", "stm", "ldm", "vstm", "vldm")


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        address: its own.
        size: bytes.
        text: as it was printed.
        pushed: bytes by which the stack grows, negative where it shrinks; None where nobody knows.
        goes: one of the words above.
        target: of BRANCH and CALL.
        conditional: it may also do nothing.
    """

    address: int
    size: int
    text: str
    pushed: int | None
    goes: str
    target: int
    conditional: bool


def disassemble(objdump: str, image: Path) -> dict[int, Instruction]:
    """All instructions of an image by address. Data between them are left out."""
    return parse(output_of(Command((objdump, "-d", str(image)), image.parent)))


def parse(text: str) -> dict[int, Instruction]:
    """The same, from what `objdump -d` printed."""
    instructions = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match and not match[3].startswith("."):
            operands = _COMMENT.sub("", match[4] or "")
            size = len(match[2].replace(" ", "")) // 2
            address = int(match[1], 16)
            instructions[address] = _instruction(address, size, match[3], operands)
    return instructions


def _instruction(address: int, size: int, mnemonic: str, operands: str) -> Instruction:
    name, condition = _split(mnemonic)
    goes, target = _flow(name, operands)
    return Instruction(
        address=address,
        size=size,
        text=f"{mnemonic} {operands}".strip(),
        pushed=_pushed(name, operands),
        goes=goes,
        target=target,
        conditional=bool(condition) or name in ("cbz", "cbnz"),
    )


def _split(mnemonic: str) -> tuple[str, str]:
    """A mnemonic without its width and condition, and the condition."""
    match = _NAME.fullmatch(mnemonic)
    return (match[1], match[2] or "") if match else (mnemonic, "")


def _flow(name: str, operands: str) -> tuple[str, int]:
    target = _TARGET.match(operands)
    if name in ("b", "cbz", "cbnz") and target:
        return BRANCH, int(target[1], 16)
    if name in ("bl", "blx") and target:
        return CALL, int(target[1], 16)
    if name == "blx":
        return CALL_POINTER, 0
    if name == "bx":
        return (RETURN if operands == "lr" else JUMP_POINTER), 0
    if name in ("tbb", "tbh") or (name in ("add", "ldr") and operands.startswith(_TABLES)):
        return JUMP_TABLE, 0
    if name == "udf":
        return STOP, 0
    if _writes_pc(name, operands):
        pops = name == "pop" or re.search(r"\bsp\b", operands) or operands == "pc, lr"
        return (RETURN if pops else JUMP_POINTER), 0
    return NEXT, 0


def _writes_pc(name: str, operands: str) -> bool:
    if name in ("pop", "ldm", "ldmia", "ldmfd"):
        return "pc" in _list(operands)
    return operands.startswith("pc,") and not name.startswith(_READERS)


def _pushed(name: str, operands: str) -> int | None:
    """Bytes by which the instruction makes the stack grow."""
    if name in ("push", "vpush"):
        return _list_bytes(operands)
    if name in ("pop", "vpop"):
        return -_list_bytes(operands)
    if operands.startswith("sp!"):
        sizes = {"stmdb": 1, "stmfd": 1, "vstmdb": 1, "ldmia": -1, "ldmfd": -1, "ldm": -1}
        sign = {**sizes, "vldmia": -1}.get(name)
        return None if sign is None else sign * _list_bytes(operands)
    moved = _PRE_INDEXED.search(operands) or _POST_INDEXED.search(operands)
    if moved:
        return -int(moved[1])
    if operands.startswith("sp,"):
        return _assigned(name, operands)
    if name.startswith("msr") and re.match(r"[MP]SP\b", operands, re.IGNORECASE):
        return None
    return 0


def _assigned(name: str, operands: str) -> int | None:
    """The same, of an instruction whose first operand is the stack pointer."""
    amount = _ADDITION.fullmatch(operands)
    if amount and name in ("sub", "subs", "subw"):
        return int(amount[1])
    if amount and name in ("add", "adds", "addw"):
        return -int(amount[1])
    return 0 if name.startswith(_READERS) else None


def _list(operands: str) -> list[str]:
    """The registers between braces."""
    start, end = operands.find("{"), operands.find("}")
    return [part.strip() for part in operands[start + 1 : end].split(",")]


def _list_bytes(operands: str) -> int:
    return sum(_range_bytes(part) for part in _list(operands))


def _range_bytes(part: str) -> int:
    first, _, last = part.partition("-")
    begin, end = _REGISTER.match(first), _REGISTER.match(last or first)
    assert begin is not None, part
    assert end is not None, part
    count = int(end[2] or 0) - int(begin[2] or 0) + 1 if last else 1
    return count * (8 if begin[1] == "d" else 4)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The kind of each instruction of ARMv7E-M and its floating point, by name."""

from __future__ import annotations

import re

from bench_model.errors import BenchError
from bench_model.instruction import Kind

# The first pattern that fits the whole name counts.
_KINDS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"[su]div", Kind.DIVIDE),
        (r"mul|ml[as]|[su]mull|[su]mlal|umaal", Kind.MULTIPLY),
        (r"sm(ul|la|lal)[bt][bt]|sm(ul|la)w[bt]|smu[as]dx?|sml[as]l?dx?", Kind.MULTIPLY),
        (r"smm(ul|la|ls)r?", Kind.MULTIPLY),
        (r"[su]xta?(b16|b|h)|pkh(bt|tb)|sel|[su]bfx|bf[ic]|clz|rbit|rev(16|sh)?", Kind.DSP),
        (r"([su]|[su]h|u?q)(add|sub)(8|16)|([su]|[su]h|u?q)(asx|sax)", Kind.DSP),
        (r"qd?(add|sub)|[su]sat(16)?|usada?8", Kind.DSP),
        (r"ldrd|ldm(db)?|pop|vldm(ia|db)|vpop", Kind.LOAD_MANY),
        (r"strd|stm(db)?|push|vstm(ia|db)|vpush", Kind.STORE_MANY),
        (r"ldr(ex)?(s?[bh])?t?|pld|pli", Kind.LOAD),
        (r"str(ex)?[bh]?t?", Kind.STORE),
        (r"vldr", Kind.FLOAT_LOAD),
        (r"vstr", Kind.FLOAT_STORE),
        (r"tb[bh]", Kind.TABLE_BRANCH),
        (r"b|bl|cbn?z", Kind.BRANCH),
        (r"bx|blx", Kind.INDIRECT_BRANCH),
        (r"it", Kind.IT),
        (r"v(add|sub|n?mul)", Kind.FLOAT_ARITHMETIC),
        (r"vn?ml[as]|vfn?m[as]", Kind.FLOAT_MULTIPLY_ADD),
        (r"vdiv|vsqrt", Kind.FLOAT_DIVIDE),
        (r"v\w+|fmstat|fconst[sd]", Kind.FLOAT_MOVE),
        (r"movs?|movt|movw|mvn|adr|hint|nop", Kind.SIMPLE),
        (r"adc|addw?|sbc|subw?|rsb|and|orr|orn|eor|bic|cmp|cmn|tst|teq", Kind.SIMPLE),
        (r"lsl|lsr|asr|ror|rrx", Kind.SIMPLE),
        (r"mrs|msr|cps|dmb|dsb|isb|svc|bkpt|udf|clrex|dbg", Kind.SYSTEM),
    )
)
_SHIFTER = re.compile(
    r"lsl|lsr|asr|ror|rrx|[su]bfx|bf[ic]|[su]sat(16)?|[su]xta(b16|b|h)|pkh(bt|tb)|qd(add|sub)"
)
_SHIFTED_OPERAND = re.compile(r"[su]bfx|[su]sat(16)?")
_TO_64_BITS = re.compile(r"[su]mlal|smlal[bt][bt]|sml[as]ldx?|umaal")
_TO_32_BITS = re.compile(r"ml[as]|smla[bt][bt]|smlaw[bt]|sml[as]dx?|smml[as]r?")
_NARROW = re.compile(r"ldr(ex)?s?[bh]t?")
_SLOW_RESULT = re.compile(r"[su]sat(16)?|u?q\w+|usada?8")


def kind_of(name: str) -> Kind:
    """The kind of an instruction without condition, width and flags.

    Raises:
        BenchError: the name is in no table.
    """
    for pattern, kind in _KINDS:
        if pattern.fullmatch(name):
            return kind
    raise BenchError(
        f"The timing rules do not know the instruction {name!r}",
        expected="an instruction of ARMv7E-M",
        hint="add it to scripts/bench_model/classify.py",
    )


def takes_shifter(name: str) -> bool:
    """Whether it occupies the shifter even where no operand says so."""
    return _SHIFTER.fullmatch(name) is not None


def shifts_operand(name: str) -> bool:
    """Whether its one operand goes through the shifter first."""
    return _SHIFTED_OPERAND.fullmatch(name) is not None


def adds_to_64_bits(name: str) -> bool:
    """Whether its first two operands are also what the product is added to."""
    return _TO_64_BITS.fullmatch(name) is not None


def adds_to_32_bits(name: str) -> bool:
    """Whether its last operand is what the product is added to."""
    return _TO_32_BITS.fullmatch(name) is not None


def loads_narrow(name: str) -> bool:
    """Whether it loads a byte or a halfword."""
    return _NARROW.fullmatch(name) is not None


def saturates(name: str) -> bool:
    """Whether its result comes a step later than a sum's."""
    return _SLOW_RESULT.fullmatch(name) is not None

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Machine code as the timing rules see it: registers by what they are read for, kinds, words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from bench_model.classify import kind_of
from bench_model.decode import decode
from bench_model.errors import BenchError
from bench_model.instruction import Kind, Role
from bench_model.timing import Block
from support.assembled_blocks import assembled_block, assembled_blocks

pytestmark = pytest.mark.arm

# Address registers, factors, accumulators and stored registers; then what is written.
REGISTERS = {
    "smlad r4,r5,r6,r7": ("", "r5 r6", "r7", "", "r4"),
    "smlald r0,r1,r2,r3": ("", "r2 r3", "r0 r1", "", "r0 r1"),
    "smull r0,r1,r2,r3": ("", "r2 r3", "", "", "r0 r1"),
    "smmla r0,r1,r2,r3": ("", "r1 r2", "r3", "", "r0"),
    "mul r0,r1,r0": ("", "r0 r1", "", "", "r0"),
    "ldr r0,[r1,r2,lsl #2]": ("r1 r2", "", "", "", "r0"),
    "ldr r0,[r1],#4": ("r1", "", "", "", "r0 r1"),
    "ldm r0!,{r1,r2}": ("r0", "", "", "", "r0 r1 r2"),
    "ldmia r0,{r1,r2}": ("r0", "", "", "", "r1 r2"),
    "stm r0!,{r1,r2}": ("r0", "", "", "r1 r2", "r0"),
    "push {r4,lr}": ("sp", "", "", "lr r4", "sp"),
    "pop {r4,pc}": ("sp", "", "", "", "pc r4 sp"),
    "strd r0,r1,[r2,#8]!": ("r2", "", "", "r0 r1", "r2"),
    "vpush {d8}": ("sp", "", "", "s16 s17", "sp"),
    "vldm r0,{d0-d1}": ("r0", "", "", "", "s0 s1 s2 s3"),
    "vstr d1,[r0]": ("r0", "", "", "s2 s3", ""),
}
ROLES = (Role.ADDRESS, Role.FACTOR, Role.ACCUMULATOR, Role.STORED)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Block]:
    return assembled_blocks(REGISTERS, tmp_path_factory.mktemp("registers"))


@pytest.mark.parametrize("text", REGISTERS)
def test_registers(blocks: Mapping[str, Block], text: str) -> None:
    (instruction,) = blocks[text]
    found = [" ".join(sorted(instruction.registers(role))) for role in ROLES]
    assert (*found, " ".join(sorted(instruction.writes))) == REGISTERS[text]


@pytest.mark.parametrize(
    ("text", "value", "shifted"),
    [
        ("add r0,r1,r2,lsl #3", {"r1"}, {"r2"}),
        ("sxtab16 r0,r1,r2,ror #8", {"r1"}, {"r2"}),
        ("pkhbt r0,r1,r2,lsl #16", {"r1"}, {"r2"}),
        ("sxtb16 r0,r1,ror #8", {"r1"}, set()),
        ("ssat r0,#8,r1", set(), {"r1"}),
        ("lsl r0,r1,r2", {"r1", "r2"}, set()),
        ("cmp r0,r1", {"r0", "r1"}, set()),
    ],
)
def test_values_and_shifted_operands(
    tmp_path: Path, text: str, value: set[str], shifted: set[str]
) -> None:
    (instruction,) = assembled_block(text, tmp_path)
    assert instruction.registers(Role.VALUE) == value
    assert instruction.registers(Role.SHIFTED) == shifted


@pytest.mark.parametrize(
    ("text", "words", "narrow"),
    [
        ("ldrsb r0,[r1]", 1, True),
        ("ldr r0,[r1]", 1, False),
        ("pop {r4-r7,pc}", 5, False),
        ("ldrd r0,r1,[r2]", 2, False),
        ("vldr d0,[r0]", 2, False),
    ],
)
def test_what_a_load_moves(tmp_path: Path, text: str, words: int, narrow: bool) -> None:
    (instruction,) = assembled_block(text, tmp_path)
    assert (instruction.words, instruction.narrow) == (words, narrow)


def test_code_that_is_none_is_refused() -> None:
    with pytest.raises(BenchError, match="0x00001002"):
        decode(b"\x00\xbf\xff\xff\xff\xff", 0x1000, 2)


def test_an_unknown_instruction_is_refused() -> None:
    assert kind_of("smlabt") is Kind.MULTIPLY
    with pytest.raises(BenchError, match="'xpmsum'"):
        kind_of("xpmsum")

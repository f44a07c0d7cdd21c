# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cycles of a Cortex-M4 for sequences whose cycles Arm's manual gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from bench_model.timing import Block
from bench_model.timing_m4 import CortexM4
from support.assembled_blocks import assembled_block, assembled_blocks

pytestmark = pytest.mark.arm

# The first four are the manual's own examples of how loads and stores overlap.
SEQUENCES = {
    "ldr r0,[r1]; ldr r1,[r2]": 3,
    "ldr r0,[r1,r2]; str r0,[r3,#20]": 3,
    "ldr r0,[r1,r2]; str r1,[r3,r2]": 3,
    "ldr r0,[r1,r5]; ldr r1,[r2]; ldr r2,[r3,#4]": 4,
    "ldr r0,[r1]": 2,
    "ldr r0,[r1]; ldr r2,[r0]": 4,
    "ldr r0,[r1],#4; ldr r2,[r1]": 4,
    "ldrsb r0,[r1]; ldrh r2,[r3]": 3,
    "ldr r0,[r1]; add r2,r3,r4; ldr r5,[r6]": 5,
    "str r0,[r1,#4]": 1,
    "str r0,[r1,r2]": 2,
    "str r0,[r1,r2]; ldr r3,[r4]": 4,
    "strb r0,[r1],#1; strb r2,[r1],#1": 2,
    "ldrd r0,r1,[r2]": 3,
    "ldrd r0,r1,[r2]; ldr r3,[r4]": 5,
    "strd r0,r1,[r2,#8]!": 3,
    "ldm r0!,{r1-r4}": 5,
    "stm r0!,{r1,r2}": 3,
    "push {r4-r7,lr}": 6,
    "pop {r4-r7}": 5,
    "add r0,r1,r2,lsl #3; sub r3,#1; eor r4,r5": 3,
    "mul r0,r1,r2; mla r3,r4,r5,r6; smull r0,r1,r2,r3; smlal r0,r1,r2,r3": 4,
    "smlad r0,r1,r2,r0; smlad r0,r3,r4,r0; smlald r5,r6,r1,r2; smmulr r0,r1,r2": 4,
    "sxtb16 r0,r1,ror #8; pkhbt r0,r1,r2,lsl #16; ssat r0,#8,r1; uadd8 r0,r1,r2": 4,
    "adds r0,#1; it eq; addeq r0,r1": 2,
    "add.w r0,r0,r1; it eq; addeq r0,r1": 3,
    "vadd.f32 s0,s1,s2; vmul.f32 s3,s4,s5": 2,
    "vadd.f32 s0,s1,s2; vmul.f32 s3,s0,s5": 3,
    "vfma.f32 s0,s1,s2; vmla.f32 s3,s1,s2": 6,
    "vdiv.f32 s0,s1,s2; vsqrt.f32 s3,s4": 28,
    "vldr s0,[r0]; vldr d1,[r0]": 5,
    "vldm r0!,{s0-s3}": 5,
    "vmov s0,r0; vcvt.f32.s32 s0,s0": 2,
    "nop": 1,
}


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Block]:
    return assembled_blocks(SEQUENCES, tmp_path_factory.mktemp("sequences"))


@pytest.mark.parametrize("text", SEQUENCES)
def test_sequence(blocks: Mapping[str, Block], text: str) -> None:
    assert CortexM4().edge((), blocks[text]) == SEQUENCES[text]


def test_division_takes_2_to_12(tmp_path: Path) -> None:
    assert 2 <= CortexM4().edge((), assembled_block("sdiv r0,r1,r2", tmp_path)) <= 12


@pytest.mark.parametrize(
    ("branch", "untaken", "lowest"),
    [
        ("b .", 1, 2),
        ("bl .", 1, 2),
        ("beq .", 1, 2),
        ("cbz r0,.+4", 1, 2),
        ("bx lr", 1, 2),
        ("blx r3", 1, 2),
        ("tbb [pc,r0]", 2, 3),
        ("ldr pc,[r0]", 2, 3),
        ("pop {r4,pc}", 3, 4),
        ("mov pc,r0", 1, 2),
    ],
)
def test_a_taken_branch_adds_1_to_3(tmp_path: Path, branch: str, untaken: int, lowest: int) -> None:
    before = assembled_block(branch, tmp_path)
    away = assembled_block("nop", tmp_path, 0x2000)
    cycles = CortexM4().edge((), before) + CortexM4().edge(before, away) - 1
    assert CortexM4().edge((), before) == untaken
    assert lowest <= cycles <= lowest + 2


def test_a_branch_that_is_not_taken_adds_nothing(tmp_path: Path) -> None:
    before = assembled_block("beq .", tmp_path)
    after = assembled_block("nop", tmp_path, before[-1].end)
    assert CortexM4().edge(before, after) == 1


def test_a_wide_target_between_two_words_is_fetched_twice(tmp_path: Path) -> None:
    before = assembled_block("b .", tmp_path)
    text = "add.w r0,r1,r2"
    aligned, straddling = (assembled_block(text, tmp_path, address) for address in (0x2000, 0x2002))
    assert CortexM4().edge(before, straddling) == CortexM4().edge(before, aligned) + 1


def test_loads_overlap_where_a_page_cuts_aassembled_block(tmp_path: Path) -> None:
    first = assembled_block("ldr r0,[r1]", tmp_path, 0x13FE)
    second = assembled_block("ldr r2,[r3]", tmp_path, 0x1400)
    jumped_to = assembled_block("ldr r2,[r3]", tmp_path, 0x1800)
    assert CortexM4().edge(first, second) == 1
    assert CortexM4().edge(first, jumped_to) == 2

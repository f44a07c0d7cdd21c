# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Cycles of a Cortex-M7: which instructions are issued together, and how long values take."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import pytest
from bench_model.timing import Block
from bench_model.timing_m7 import CortexM7
from support.assembled_blocks import assembled_block, assembled_blocks

pytestmark = pytest.mark.arm

PAIRED = {
    "add r0,r1; add r2,r3": 1,
    "add r0,r1; add r2,r0": 2,
    "add r0,r1; mov r0,r2": 2,
    "add r0,r1; add r2,r3; add r4,r5": 2,
    "mul r0,r1,r2; add r3,r4": 1,
    "smlad r0,r1,r2,r0; smlad r3,r4,r5,r3": 2,
    "smlad r0,r1,r2,r0; str r3,[r4]": 2,
    "str r3,[r4]; smlad r0,r1,r2,r0": 2,
    "ldr r5,[r6]; smlad r0,r1,r2,r0": 1,
    "ldr r0,[r1]; str r2,[r3]": 1,
    "str r0,[r1]; str r2,[r3]": 2,
    "ldr r0,[r1]; ldr r2,[r3]": 1,
    "sxtb16 r0,r1; add r2,r3": 1,
    "add r2,r3; sxtb16 r0,r1": 2,
    "uadd8 r0,r1,r2; uadd8 r3,r4,r5": 2,
    "add r0,r1,r2,lsl #1; add r3,r4,r5,lsl #1": 2,
    "add r0,r1,r2,lsl #1; add r3,r4,r5": 1,
    "subs r0,#1; bne .": 1,
    "ldm r0,{r1-r4}": 2,
    "ldm r0,{r1-r5}": 3,
    "ldrd r0,r1,[r2]; add r3,r4": 2,
    "push {r4,r5,r6,lr}": 2,
    "add r0,r1; str r0,[r2]": 1,
}

# One instruction, then another one that needs its result: the cycle of the second one.
DELAYED = {
    "ldr r0,[r1]; add r2,r0": 1,
    "ldr r0,[r1]; mla r2,r3,r4,r0": 1,
    "ldr r0,[r1]; mul r2,r0,r3": 2,
    "ldr r0,[r1]; ldr r2,[r0]": 2,
    "ldrsb r0,[r1]; add r2,r0": 2,
    "ldrh r0,[r1]; mul r2,r0,r3": 3,
    "ldrb r0,[r1]; ldr r2,[r0]": 3,
    "smlad r0,r1,r2,r0; smlad r0,r3,r4,r0": 1,
    "smlad r0,r1,r2,r0; add r3,r0": 2,
    "mul r0,r1,r2; mul r3,r0,r4": 2,
    "add r0,r1; ldr r2,[r0]": 2,
    "ldr r0,[r1,#4]!; ldr r2,[r1]": 1,
    "add r0,r1; add r2,r3,r0,lsl #2": 2,
    "ssat r0,#8,r1; add r2,r0": 2,
    "vadd.f32 s0,s1,s2; vadd.f32 s3,s0,s4": 3,
}


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Block]:
    return assembled_blocks((*PAIRED, *DELAYED), tmp_path_factory.mktemp("sequences"))


@pytest.mark.parametrize("text", PAIRED)
def test_pairs(blocks: Mapping[str, Block], text: str) -> None:
    assert CortexM7(paired_loads=True).edge((), blocks[text]) == PAIRED[text]


@pytest.mark.parametrize("text", DELAYED)
def test_delays(blocks: Mapping[str, Block], text: str) -> None:
    assert CortexM7(paired_loads=True).edge((), blocks[text]) == DELAYED[text] + 1


def test_two_loads_make_the_range(tmp_path: Path) -> None:
    block = assembled_block("ldr r0,[r1]; ldr r2,[r3]", tmp_path)
    assert [CortexM7(paired_loads=paired).edge((), block) for paired in (True, False)] == [1, 2]


def test_nothing_is_issued_with_the_branch_that_leads_to_it(tmp_path: Path) -> None:
    before = assembled_block("b .", tmp_path)
    core = CortexM7(paired_loads=True)
    assert core.edge(before, assembled_block("add r0,r1", tmp_path, 0x2000)) == 1
    assert core.edge(before, assembled_block("add r0,r1", tmp_path, before[-1].end)) == 0


def test_the_edges_of_a_chain_add_up(tmp_path: Path) -> None:
    texts = ("ldr r0,[r1]; ldr r2,[r3]", "mul r4,r0,r2; add r5,r6", "str r4,[r1]; add r1,#4")
    chain = [(), *assembled_blocks(texts, tmp_path).values()]
    core = CortexM7(paired_loads=True)
    whole = core.edge((), tuple(itertools.chain(*chain)))
    assert sum(core.edge(*pair) for pair in itertools.pairwise(chain)) == whole


def test_rarer_directions_of_a_branch_are_mispredicted() -> None:
    core = CortexM7(paired_loads=True)
    assert core.mispredictions({1: {2: 90, 3: 10}, 2: {4: 7}}) == 10 * 8
    assert core.unaligned(5) == 15

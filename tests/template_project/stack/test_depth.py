# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How deep functions go: each way of moving the stack pointer, and each way through a function."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.assembled_functions import assembled_program

pytestmark = pytest.mark.arm

_CALLEE = {"g": "bx lr", "h": "bx lr"}


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("bx lr", 0),
        ("push {r4, lr}; pop {r4, pc}", 8),
        ("stmdb sp!, {r4-r11, lr}; ldmia sp!, {r4-r11, pc}", 36),
        ("push {lr}; sub sp, #8; add sp, #8; ldr pc, [sp], #4", 12),
        ("push {r4, lr}; sub.w sp, sp, #1024; add.w sp, sp, #1024; pop {r4, pc}", 1032),
        ("push {lr}; subw sp, sp, #1001; addw sp, sp, #1001; pop {pc}", 1005),
        ("str lr, [sp, #-4]!; ldr pc, [sp], #4", 4),
        ("strd r4, lr, [sp, #-16]!; ldr r4, [sp]; add sp, #12; pop {pc}", 16),
        ("vpush {d8-d15}; vpop {d8-d15}; bx lr", 64),
        ("vpush {s16-s18}; vpop {s16-s18}; bx lr", 12),
        ("push {r0-r7}; str r0, [sp, #4]; ldm sp, {r0, r1}; cmp sp, r0; pop {r0-r7}; bx lr", 32),
        # What is above the entry is the caller's; what lies deepest counts, wherever it is.
        ("add sp, #8; push {r4, r5}; bx lr", 0),
        ("push {r4}; pop {r4}; push {r4, r5}; pop {r4, r5}; push {r4}; pop {r4}; bx lr", 8),
        # Both ways from a branch, also the one that GCC lays out last.
        ("cbz r0, 1f; bx lr; 1: push {r4-r7}; pop {r4-r7}; bx lr", 16),
        ("cmp r0, #0; beq 1f; push {r4, r5}; pop {r4, r5}; 1: bx lr", 8),
        # A conditional return and what follows it.
        (
            "push {r4, lr}; cbz r0, 1f; 1: it eq; popeq {r4, pc}; push {r5-r7}; pop {r5-r7}; bx lr",
            20,
        ),
        ("push {r0-r3}; cmp r0, #0; it ne; addne sp, #16; push {r4}; bx lr", 20),
        ("1: push {r4}; subs r0, #1; pop {r4}; bne 1b; bx lr", 4),
        # A table in the code, the places that it leads to, and what fills gaps there.
        (
            "push {r4, lr}; tbb [pc, r0]; 2: .byte (3f-2b)/2, (4f-2b)/2; 3: pop {r4, pc}; nop;"
            " 4: push {r5-r7}; pop {r5-r7}; pop {r4, pc}",
            20,
        ),
        # A jump by a register into the function, as the kernels' loops are entered.
        ("push {r0-r7}; adr r2, 1f; bx r2; 1: push {r0}; pop {r0}; pop {r0-r7}; bx lr", 36),
    ],
)
def test_the_deepest_place_of_a_function(tmp_path: Path, body: str, own: int) -> None:
    depth = assembled_program(tmp_path, {"f": body}).depth("f")
    assert (depth.own, depth.problem, depth.calls) == (own, "", ())


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ("push {r4, lr}; bl g; sub sp, #8; bl h; add sp, #8; pop {r4, pc}", [(8, "g"), (16, "h")]),
        ("push {r4, lr}; pop {r4, lr}; b.w g", [(0, "g")]),
        ("push {r4, lr}; beq.w g; pop {r4, pc}", [(8, "g")]),
        ("push {r4, lr}; blx r3; pop {r4, pc}", [(8, None)]),
        ("push {r4, lr}; pop {r4, lr}; bx r3", [(0, None)]),
        ("push {r4, lr}; pop {r4, lr}; ldr pc, [r3, #8]", [(0, None)]),
        # What falls off the end goes on in the next function, unless a call does not return.
        ("push {r4}", [(4, "g")]),
        ("push {r4}; bl h", [(4, "h")]),
        ("push {r4}; bl h; nop", [(4, "h")]),
        ("push {r4}; bl h; .word 0", [(4, "h")]),
        # A loop back to the start is no call.
        ("cmp r0, #0; bne f; bx lr", []),
    ],
)
def test_the_depth_at_each_call(
    tmp_path: Path, body: str, calls: list[tuple[int, str | None]]
) -> None:
    program = assembled_program(tmp_path, {"f": body, **_CALLEE})
    assert program.calls("f") == calls
    assert program.depth("f").problem == ""


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("1: push {r4}; b 1b", "grows each time round a loop"),
        ("sub sp, sp, r0; bx lr", "'sub.w sp, sp, r0' at 0x.* by an unknown amount"),
        ("mov sp, r7; bx lr", "'mov sp, r7'"),
        ("add sp, r3; bx lr", "'add sp, r3'"),
        ("ldr sp, [r0]; bx lr", "'ldr.w sp, "),
        ("msr psp, r0; bx lr", "'msr PSP, r0'"),
        ("ldr r0, [r1]; .word 0", "leads to what is no instruction"),
    ],
)
def test_what_has_no_depth_is_said(tmp_path: Path, body: str, problem: str) -> None:
    depth = assembled_program(tmp_path, {"f": body}).depth("f")
    assert re.search(problem, depth.problem)


def test_a_part_that_gcc_laid_elsewhere_belongs_to_its_function(tmp_path: Path) -> None:
    functions = {
        "f": "push {r4, lr}; beq.w f.cold; 1: back: pop {r4, pc}",
        "f.cold": "push {r5-r7}; bl g; pop {r5-r7}; b.w back",
        **_CALLEE,
    }
    program = assembled_program(tmp_path, functions)
    assert program.depth("f").own == 20
    assert program.calls("f") == [(20, "g")]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The deepest way through a program, and why a program may have none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from microtvm_project.stack.graph import Bound, Step
from microtvm_project.stack.usage import Usage
from support.assembled_functions import assembled_program

pytestmark = pytest.mark.arm

_FUNCTIONS = {
    "top": "push {r4, lr}; bl left; bl right; pop {r4, pc}",
    "left": "push {r4-r6, lr}; sub sp, #32; add sp, #32; pop {r4-r6, pc}",
    "right": "push {lr}; sub sp, #4; bl leaf; add sp, #4; ldr lr, [sp], #4; b.w left",
    "leaf": "push {r0-r7}; push {r0-r7}; pop {r0-r7}; pop {r0-r7}; bx lr",
}


def test_the_deepest_way_is_found_with_each_share(tmp_path: Path) -> None:
    bound = assembled_program(tmp_path, _FUNCTIONS).bound("top")
    assert bound == Bound(80, (Step("top", 8), Step("right", 8), Step("leaf", 64)))


def test_the_compilers_figure_counts_where_it_is_larger(tmp_path: Path) -> None:
    told = [Usage("a.c", "right", 28, is_bounded=True), Usage("a.c", "leaf", 8, is_bounded=True)]
    bound = assembled_program(tmp_path, _FUNCTIONS, told).bound("top")
    assert bound.size == 80 + 20
    assert bound.path[1] == Step("right", 28)


def test_what_the_compiler_does_not_know_has_no_bound(tmp_path: Path) -> None:
    told = [Usage("a.c", "leaf", 8, is_bounded=False)]
    bound = assembled_program(tmp_path, _FUNCTIONS, told).bound("top")
    assert bound.size is None
    assert bound.problem == "leaf: an array whose size is not known"
    assert [step.function for step in bound.path] == ["top", "right", "leaf"]


@pytest.mark.parametrize(
    ("functions", "problem"),
    [
        ({"f": "push {lr}; bl f; pop {pc}"}, "functions call each other in a circle: f -> f"),
        (
            {"f": "push {lr}; bl g; pop {pc}", "g": "push {lr}; bl h; pop {pc}", "h": "b.w g"},
            "functions call each other in a circle: g -> h -> g",
        ),
        (
            {"f": "push {lr}; blx r0; pop {pc}"},
            "f calls by a pointer at 0x.*, and no rule says whom",
        ),
        ({"f": "sub sp, sp, r0; bx lr"}, "f: 'sub.w sp, sp, r0' at"),
    ],
)
def test_what_has_no_bound_is_said(tmp_path: Path, functions: dict[str, str], problem: str) -> None:
    caller = {"top": "push {lr}; bl f; pop {pc}"}
    bound = assembled_program(tmp_path, {**caller, **functions}).bound("top")
    assert bound.size is None
    assert bound.path[0] == Step("top", 4)
    assert re.match(problem, bound.problem)

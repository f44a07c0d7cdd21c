# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Plans that are wrong in one way each, and the few that are right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from microtvm.compiler.check_plan import BrokenPlanError, check_plan
from microtvm.compiler.plan_memory import Buffer, Plan

_FIRST = Buffer("first", 16, 0, 2)
_SECOND = Buffer("second", 24, 2, 3)
_THIRD = Buffer("third", 16, 3, 5)
# first and second meet in layer 2, second and third in layer 3.
GOOD = Plan((_FIRST, _SECOND, _THIRD), (0, 16, 0), 40, 40)


def test_a_right_plan_passes() -> None:
    check_plan(GOOD, 8)


def test_buffers_may_touch() -> None:
    check_plan(Plan((_FIRST, _SECOND), (24, 0), 40, 40), 8)


def test_no_buffers_pass() -> None:
    check_plan(Plan((), (), 0, 0), 8)


@pytest.mark.parametrize(
    ("offsets", "found"),
    [
        ((0, 8, 0), "first.* overlaps .*second"),
        ((0, 0, 0), "first.* overlaps .*second"),
        ((8, 16, 0), "first.* overlaps .*second"),
        ((0, 16, 32), "outside the 40 bytes"),
        ((0, 16, 16), "second.* overlaps .*third"),
        ((24, 16, 0), "first.* overlaps .*second"),
        ((-8, 16, 0), "outside the 40 bytes"),
        ((0, 24, 0), "outside the 40 bytes"),
        ((0, 1000, 0), "outside the 40 bytes"),
    ],
)
def test_offsets_that_corrupt_memory_are_refused(offsets: tuple[int, ...], found: str) -> None:
    with pytest.raises(BrokenPlanError, match=found):
        check_plan(replace(GOOD, offsets=offsets), 8)


@pytest.mark.parametrize("alignment", [32, 64])
def test_offsets_that_are_not_aligned_are_refused(alignment: int) -> None:
    with pytest.raises(BrokenPlanError, match=f"not aligned to {alignment}"):
        check_plan(GOOD, alignment)


@pytest.mark.parametrize("size", [0, 8, 39])
def test_a_workspace_that_is_too_small_is_refused(size: int) -> None:
    with pytest.raises(BrokenPlanError, match=f"outside the {size} bytes"):
        check_plan(replace(GOOD, size=size), 8)


@pytest.mark.parametrize("offsets", [(), (0, 16), (0, 16, 0, 0)])
def test_offsets_of_another_count_are_refused(offsets: tuple[int, ...]) -> None:
    with pytest.raises(BrokenPlanError, match=f"3 buffers, {len(offsets)} offsets"):
        check_plan(replace(GOOD, offsets=offsets), 8)


@pytest.mark.parametrize(
    ("one", "other"),
    [((0, 5), (1, 2)), ((1, 2), (0, 5)), ((3, 3), (3, 3)), ((0, 3), (3, 6)), ((3, 6), (0, 3))],
)
def test_every_way_to_live_together_is_seen(one: tuple[int, int], other: tuple[int, int]) -> None:
    buffers = (Buffer("one", 8, *one), Buffer("other", 8, *other))
    with pytest.raises(BrokenPlanError, match="overlaps"):
        check_plan(Plan(buffers, (0, 0), 8, 16), 8)


@pytest.mark.parametrize(("one", "other"), [((0, 2), (3, 4)), ((5, 5), (0, 4))])
def test_buffers_that_never_meet_may_share(one: tuple[int, int], other: tuple[int, int]) -> None:
    buffers = (Buffer("one", 8, *one), Buffer("other", 8, *other))
    check_plan(Plan(buffers, (0, 0), 8, 8), 8)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Proves a memory plan. Shares no code with the planner, and looks at every pair of buffers."""

from __future__ import annotations

from microtvm.compiler.plan_memory import Plan


class BrokenPlanError(Exception):
    """A plan that would corrupt memory: a fault of the planner, not of its user."""


def check_plan(plan: Plan, alignment: int) -> None:
    """Checks range, alignment, and that buffers alive in the same layer are apart.

    Raises:
        BrokenPlanError: names the buffers and their bytes.
    """
    if len(plan.buffers) != len(plan.offsets):
        raise BrokenPlanError(f"{len(plan.buffers)} buffers, {len(plan.offsets)} offsets")
    placed = list(zip(plan.buffers, plan.offsets, strict=True))
    for buffer, offset in placed:
        if offset < 0 or offset + buffer.size > plan.size:
            raise BrokenPlanError(f"{buffer} at {offset} is outside the {plan.size} bytes")
        if offset % alignment != 0:
            raise BrokenPlanError(f"{buffer} at {offset} is not aligned to {alignment}")
    for position, (one, start) in enumerate(placed):
        for other, begin in placed[position + 1 :]:
            together = not (one.last < other.first or other.last < one.first)
            apart = start + one.size <= begin or begin + other.size <= start
            if together and not apart:
                raise BrokenPlanError(f"{one} at {start} overlaps {other} at {begin}")

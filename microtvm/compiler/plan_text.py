# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A memory plan as text: its size and bound, where each buffer is, and what shares bytes."""

from __future__ import annotations

from microtvm.compiler.plan_memory import Plan


def plan_text(plan: Plan) -> str:
    """A line a buffer: its offset, its size, the layers in which it is needed."""
    bound = f"no plan is smaller than {plan.lower_bound:,}"
    if plan.size == plan.lower_bound:
        bound = "no plan is smaller"
    lines = [f"workspace {plan.size:,} bytes; {bound}"]
    for index, (buffer, offset) in enumerate(zip(plan.buffers, plan.offsets, strict=True)):
        layers = f"layers {buffer.first} to {buffer.last}"
        line = f"{offset:8,} {buffer.size:8,}  {layers:16}  {buffer.name}"
        lines.append(line + "".join(_shared(plan, index)))
    return "\n".join(lines)


def _shared(plan: Plan, index: int) -> list[str]:
    """The buffers that this one is written over, and how far before it they begin."""
    output, start = plan.buffers[index], plan.offsets[index]
    parts = []
    for buffer, offset in zip(plan.buffers, plan.offsets, strict=True):
        touches = offset < start + output.size and start < offset + buffer.size
        if buffer.last == output.first and buffer.first < output.first and touches:
            parts.append(f", over {buffer.name} {_place(offset - start)}")
    return parts


def _place(distance: int) -> str:
    if distance == 0:
        return "in place"
    return f"from {abs(distance):,} bytes {'before' if distance > 0 else 'behind'} its start"

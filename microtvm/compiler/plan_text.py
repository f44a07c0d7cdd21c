# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A memory plan as text: each pool's size and bound, where each buffer is, what shares bytes."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.place_constants import ConstantPool
from microtvm.compiler.plan_memory import Plan
from microtvm.compiler.plan_pools import PoolPlan, PoolsPlan


def plan_text(plan: PoolsPlan, constants: Sequence[ConstantPool] = ()) -> str:
    """A line a buffer: its offset, its size, the layers in which it is needed."""
    lines = []
    for pool in plan.pools:
        lines += [_heading(pool, len(plan.pools) == 1), *_buffer_lines(pool.plan)]
    return "\n".join([*lines, *(_constants(pool) for pool in constants)])


def _heading(pool: PoolPlan, alone: bool) -> str:
    if pool.kind == "io":
        return f"{pool.name} {pool.plan.size:,} bytes of the caller"
    name = "workspace" if alone and pool.limit is None else f"pool {pool.name}"
    bound = f"no plan is smaller than {pool.plan.lower_bound:,}"
    if pool.plan.size == pool.plan.lower_bound:
        bound = "no plan is smaller"
    heading = f"{name} {pool.plan.size:,}{_limit(pool.limit)} bytes; {bound}"
    if name == "workspace":
        return heading
    use = f"{pool.use.read:,} bytes read, {pool.use.written:,} written"
    return f"{heading}; {use}, {pool.stall_cycles:,} stall cycles"


def _constants(pool: ConstantPool) -> str:
    place = "flash" if pool.is_flash else pool.name
    return (
        f"constants in {place} {pool.size:,}{_limit(pool.limit)} bytes; {pool.read:,} bytes read,"
        f" {pool.stall_cycles:,} stall cycles; {', '.join(pool.members) or 'none'}"
    )


def _limit(size: int | None) -> str:
    return "" if size is None else f" of {size:,}"


def _buffer_lines(plan: Plan) -> list[str]:
    lines = []
    for index, (buffer, offset) in enumerate(zip(plan.buffers, plan.offsets, strict=True)):
        layers = f"layers {buffer.first} to {buffer.last}"
        line = f"{offset:8,} {buffer.size:8,}  {layers:16}  {buffer.name}"
        lines.append(line + "".join(_shared(plan, index)))
    return lines


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

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places every buffer in one of the pools, and then each pool's by itself.

A pool's time is bytes / bandwidth + bursts * latency in cycles of its own clock. The assignment
with the least time that is found is taken; among pools that take as long, the one that the user
named first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.accesses import Span
from microtvm.compiler.assign_pools import Cost, PoolProblem, assign_pools
from microtvm.compiler.buffer_use import Use
from microtvm.compiler.buffers import Buffer, Overlaps, part_of
from microtvm.compiler.fit_pools import fit_pools
from microtvm.compiler.memory_pools import IO_POOL, MemoryOptions, MemoryPool
from microtvm.compiler.plan_memory import Plan, plan_memory
from microtvm.compiler.pool_refusal import pool_refusal

_NO_USE = Use()


@dataclass(frozen=True)
class PoolPlan:
    """One pool.

    Attributes:
        kind: "workspace", or "io" for the caller's.
        members: the buffers in it; those of `plan`, in that order.
        limit: bytes that it may have, None for any.
        use: of all its buffers.
        stall_cycles: of the core in one inference, over a memory that gives it a word in each.
    """

    name: str
    kind: str
    members: tuple[int, ...]
    plan: Plan
    limit: int | None = None
    use: Use = _NO_USE
    stall_cycles: int = 0


@dataclass(frozen=True)
class PoolsPlan:
    """Everything placed.

    Attributes:
        pools: in the user's order, that of the caller's last.
        pool_of, offsets: by buffer; bytes from that pool's start.
    """

    buffers: tuple[Buffer, ...]
    pools: tuple[PoolPlan, ...]
    pool_of: tuple[int, ...]
    offsets: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of all pools."""
        return sum(pool.plan.size for pool in self.pools)

    def touch(self, one: Span, other: Span) -> bool:
        """Whether bytes of two buffers are the same."""
        start, end = (self.offsets[span.buffer] + span.start for span in (one, other))
        return (
            one.buffer != other.buffer
            and self.pool_of[one.buffer] == self.pool_of[other.buffer]
            and start < end + other.size
            and end < start + one.size
        )


@dataclass(frozen=True)
class PoolsProblem:
    """What is placed, and where it may be.

    Attributes:
        uses: one a buffer.
        outside: buffers in the caller's memory: apart from all others, all the time.
    """

    buffers: Sequence[Buffer]
    overlaps: Overlaps
    uses: Sequence[Use]
    outside: frozenset[int]
    memory: MemoryOptions


def plan_pools(problem: PoolsProblem) -> PoolsPlan:
    """Assigns the buffers, then plans each pool.

    Raises:
        PoolError: nothing was found that holds all buffers.
    """
    memory = problem.memory
    inside = [index for index in range(len(problem.buffers)) if index not in problem.outside]
    buffers, overlaps = part_of(problem.buffers, problem.overlaps, inside)
    costs = [_costs(memory, problem.uses[index]) for index in inside]
    sizes = [pool.size_bytes for pool in memory.workspace]
    assignment = PoolProblem(buffers, overlaps, costs, sizes)
    fitted = fit_pools(assignment, assign_pools)
    if fitted is None:
        raise pool_refusal(assignment, memory.workspace)
    pools = [
        _pool_plan(problem, pool, tuple(inside[index] for index in own.members), own.plan)
        for pool, own in zip(memory.workspace, fitted, strict=True)
    ]
    return _whole_plan(problem, [*pools, *_outside_plan(problem)])


def _costs(memory: MemoryOptions, use: Use) -> list[Cost]:
    """Of each pool for a buffer; the second number is the user's order."""
    return [
        (memory.cycles(pool, use.read, use.written), number * float(use.read + use.written))
        for number, pool in enumerate(memory.workspace)
    ]


def _pool_plan(
    problem: PoolsProblem, pool: MemoryPool, members: tuple[int, ...], plan: Plan
) -> PoolPlan:
    use = sum((problem.uses[index] for index in members), Use())
    stalls = round(problem.memory.stall_cycles(pool, use.read, use.written))
    return PoolPlan(pool.name, "workspace", members, plan, pool.size_bytes, use, stalls)


def _outside_plan(problem: PoolsProblem) -> list[PoolPlan]:
    """The caller's memory, as one pool for programs that know the descriptor alone."""
    members = tuple(sorted(problem.outside))
    if not members:
        return []
    last = max(buffer.last for buffer in problem.buffers)
    always = [replace(problem.buffers[index], first=0, last=last) for index in members]
    return [PoolPlan(IO_POOL, "io", members, plan_memory(always))]


def _whole_plan(problem: PoolsProblem, pools: Sequence[PoolPlan]) -> PoolsPlan:
    places = {
        index: (number, offset)
        for number, pool in enumerate(pools)
        for index, offset in zip(pool.members, pool.plan.offsets, strict=True)
    }
    order = range(len(problem.buffers))
    return PoolsPlan(
        tuple(problem.buffers),
        tuple(pools),
        tuple(places[index][0] for index in order),
        tuple(places[index][1] for index in order),
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which constants go to which memory: those that are read most a byte to the fastest with room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.buffers import aligned
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.errors import PoolError

_FLASH = "flash"
_MOST_NAMED = 3


@dataclass(frozen=True)
class ConstantUse:
    """A constant.

    Attributes:
        size: bytes. read: bytes that an inference reads of it.
    """

    name: str
    size: int
    read: int


@dataclass(frozen=True)
class ConstantPool:
    """A memory with what was placed in it.

    Attributes:
        is_flash: whether it is where constants are anyway.
        members: names of constants.
        size: bytes, each constant at a multiple of 16.
        read: bytes that an inference reads.
        stall_cycles: of the core in one inference, over a memory that gives it a word in each.
    """

    name: str
    is_flash: bool
    members: tuple[str, ...]
    size: int
    limit: int | None
    read: int
    stall_cycles: int


def place_constants(
    uses: Sequence[ConstantUse], memory: MemoryOptions, workspace: Mapping[str, int]
) -> tuple[ConstantPool, ...]:
    """Fills the pools in the order of bytes read a byte; one entry a pool, ordinary flash last.

    Of those that are read as often, the larger ones come first.

    Args:
        workspace: bytes that each pool of the workspace takes, by name.

    Raises:
        PoolError: flash is among the pools, and they hold too little.
    """
    pools = [_with_what_is_left(pool, memory, workspace) for pool in memory.constants]
    members: dict[str, list[ConstantUse]] = {pool.name: [] for pool in pools}
    others: list[ConstantUse] = []
    for use in sorted(uses, key=lambda use: (-use.read / max(1, use.size), -use.size)):
        by_cycles = sorted(pools, key=lambda pool: memory.cycles(pool, use.read, 0))
        home = next((pool for pool in by_cycles if _has_room(pool, members[pool.name], use)), None)
        (others if home is None else members[home.name]).append(use)
    if others and memory.flash in members:
        raise _refusal(pools, uses, others)
    placed = [
        _placed(memory, pool, members[pool.name], pool.name == memory.flash) for pool in pools
    ]
    rest = [_placed(memory, MemoryPool(_FLASH), others, True)] if others else []
    return (*sorted(placed, key=lambda pool: pool.is_flash), *rest)


def _with_what_is_left(
    pool: MemoryPool, memory: MemoryOptions, workspace: Mapping[str, int]
) -> MemoryPool:
    region = dict(memory.shared).get(pool.name)
    if pool.size_bytes is not None or region is None:
        return pool
    # A pool has one byte at least; none fits there.
    return replace(pool, size_bytes=max(1, region - workspace[pool.name]))


def _has_room(pool: MemoryPool, members: Sequence[ConstantUse], use: ConstantUse) -> bool:
    return pool.holds(sum(aligned(member.size) for member in members) + aligned(use.size))


def _placed(
    memory: MemoryOptions, pool: MemoryPool, members: Sequence[ConstantUse], is_flash: bool
) -> ConstantPool:
    read = sum(use.read for use in members)
    return ConstantPool(
        name=pool.name,
        is_flash=is_flash,
        members=tuple(use.name for use in members),
        size=sum(aligned(use.size) for use in members),
        limit=pool.size_bytes,
        read=read,
        stall_cycles=round(memory.stall_cycles(pool, read, 0)),
    )


def _refusal(
    pools: Sequence[MemoryPool], uses: Sequence[ConstantUse], others: Sequence[ConstantUse]
) -> PoolError:
    sizes = ", ".join(f"{pool.name} {pool.size_bytes:,}" for pool in pools)
    needed = sum(aligned(use.size) for use in uses)
    largest = sorted(others, key=lambda use: -use.size)[:_MOST_NAMED]
    named = ", ".join(f"{use.name} ({use.size:,} bytes)" for use in largest)
    return PoolError(
        f"constants of {needed:,} bytes do not fit the constant pools ({sizes} bytes); there is no"
        f" room for {named}",
        expected=f"{sum(aligned(use.size) for use in others):,} bytes more",
        hint="--weights int8, or a larger --constant-pools-size-hint-bytes",
    )

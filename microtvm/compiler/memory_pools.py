# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Memories that buffers and constants can be placed in, and how long it takes to use them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.names import is_reserved
from microtvm.errors import PoolError

# What a Cortex-M loads at once, and what its cycles in costs.toml take for granted: a memory that
# gives it a word in each cycle.
WORD_BYTES = 4
DEFAULT_POOL = "global_workspace"
# The pool of inputs and outputs that are the caller's.
IO_POOL = "io"
IO = ("workspace", "caller")
_MOST_POOLS = 16
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class MemoryPool:
    """A memory, as --workspace-pools and --constant-pools describe it.

    Attributes:
        name: part of C names.
        size_bytes: that may be used; None for as many as are needed.
        clock_hz: of the memory; None for that of the core.
        read_bandwidth, write_bandwidth: bytes in a cycle of its clock.
        read_latency, write_latency: cycles of its clock before the first byte of each burst.
        burst_bytes: that one latency is paid for.
    """

    name: str
    size_bytes: int | None = None
    clock_hz: int | None = None
    read_bandwidth: int = WORD_BYTES
    write_bandwidth: int = WORD_BYTES
    read_latency: int = 0
    write_latency: int = 0
    burst_bytes: int = WORD_BYTES

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == IO_POOL or is_reserved(self.name):
            raise PoolError(
                f"'{self.name}' cannot be the name of a pool",
                expected="a lower-case letter, then up to 31 lower-case letters, digits or '_'; "
                f"no word of C, and not '{IO_POOL}'",
            )
        for name in ("size_bytes", "clock_hz", "read_bandwidth", "write_bandwidth", "burst_bytes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise PoolError(f"pool {self.name} has a {name} of {value}", expected="1 or more")
        for name in ("read_latency", "write_latency"):
            if getattr(self, name) < 0:
                raise PoolError(
                    f"pool {self.name} has a {name} of {getattr(self, name)}", expected="0 or more"
                )

    def holds(self, size: int) -> bool:
        """Whether so many bytes fit."""
        return self.size_bytes is None or size <= self.size_bytes

    def cycles(self, read: int, written: int) -> float:
        """Of the pool's own clock, for so many bytes: bytes / bandwidth + bursts * latency."""
        return (
            read / self.read_bandwidth
            + -(-read // self.burst_bytes) * self.read_latency
            + written / self.write_bandwidth
            + -(-written // self.burst_bytes) * self.write_latency
        )


@dataclass(frozen=True)
class MemoryOptions:
    """Where a program's buffers and constants may be.

    Attributes:
        workspace: what the tensors and the scratch are placed in, the user's favourite first.
        constants: likewise for constants. What they do not take stays in ordinary flash.
        io: "workspace", or "caller" where inputs and outputs are in the caller's memory.
        core_hz: None for that of the fastest pool.
        flash: the constant pool that is ordinary flash, "" where none is named.
        shared: name and bytes of each region that constants share with the workspace, of which
            they take what that leaves.
    """

    workspace: tuple[MemoryPool, ...] = (MemoryPool(DEFAULT_POOL),)
    constants: tuple[MemoryPool, ...] = ()
    io: str = "workspace"
    core_hz: int | None = None
    flash: str = ""
    shared: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        if not self.workspace:
            raise PoolError("there is no workspace pool", expected="one at least")
        if self.io not in IO:
            raise PoolError(
                f"inputs and outputs cannot be in '{self.io}'", expected=" or ".join(IO)
            )
        for pools in (self.workspace, self.constants):
            check_names([pool.name for pool in pools])

    def cycles(self, pool: MemoryPool, read: int, written: int) -> float:
        """Cycles of the core that it takes to read and write so many bytes."""
        return pool.cycles(read, written) * self._clock_ratio(pool)

    def stall_cycles(self, pool: MemoryPool, read: int, written: int) -> float:
        """What that is more than with a memory that gives the core a word in each cycle."""
        return max(0.0, self.cycles(pool, read, written) - (read + written) / WORD_BYTES)

    def _clock_ratio(self, pool: MemoryPool) -> float:
        clocks = [other.clock_hz for other in (*self.workspace, *self.constants) if other.clock_hz]
        core = self.core_hz or max(clocks, default=1)
        return core / (pool.clock_hz or core)


def check_names(names: Sequence[str]) -> None:
    """Refuses names that cannot be told apart, and more pools than a descriptor holds.

    Raises:
        PoolError: with the name.
    """
    for name in names:
        if names.count(name) > 1:
            raise PoolError(f"two pools are named '{name}'", expected="a name for each")
    if len(names) > _MOST_POOLS:
        raise PoolError(f"there are {len(names)} pools", expected=f"at most {_MOST_POOLS}")


def ordinary_flash(constants: Sequence[MemoryPool]) -> str:
    """Which of the constant pools is flash like that of a program without any; "" for none.

    Without a board that is the last one, if it has no size. With a board it is the first region of
    flash.
    """
    last = constants[-1] if constants else None
    return last.name if last is not None and last.size_bytes is None else ""

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the metadata says of a model's memory: its pools, and what lies in flash or elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.errors import ArchiveError

if TYPE_CHECKING:
    from microtvm_project.fields import Fields

POOL_KINDS = ("workspace", "io")


@dataclass(frozen=True)
class PoolInfo:
    """A range of RAM that the generated code gets a pointer to.

    Attributes:
        lower_bound_bytes: no plan of its buffers is smaller.
        kind: "workspace", or "io" for the inputs and outputs of the caller.
    """

    name: str
    size_bytes: int
    lower_bound_bytes: int
    kind: str


@dataclass(frozen=True)
class ConstantPoolInfo:
    """Constants that are in a memory of their own instead of simply in flash."""

    name: str
    size_bytes: int


@dataclass(frozen=True)
class MemoryInfo:
    """What a model takes.

    Attributes:
        constant_bytes: of all constants, those of the constant pools among them.
        stack_bytes: estimate of the C stack that an inference takes.
    """

    pools: tuple[PoolInfo, ...]
    constant_pools: tuple[ConstantPoolInfo, ...]
    constant_bytes: int
    stack_bytes: int


@dataclass(frozen=True)
class ChainInfo:
    """Layers that run in stripes of rows, so that no more than the rows needed are kept.

    Attributes:
        first, last: the layers of all stripes.
        operators: of one stripe.
        height: rows of the chain's output in a stripe; the last may have fewer.
        recomputed_macs: of rows that more than one stripe needs.
    """

    first: int
    last: int
    operators: tuple[str, ...]
    height: int
    stripes: int
    recomputed_macs: int


@dataclass(frozen=True)
class Place:
    """Bytes of a pool."""

    pool: int
    offset: int
    size_bytes: int

    @property
    def end(self) -> int:
        """The first offset behind them."""
        return self.offset + self.size_bytes


def read_memory(fields: Fields) -> MemoryInfo:
    """The table "memory" of a module.

    Raises:
        ArchiveError: it is damaged.
    """
    memory = MemoryInfo(
        pools=tuple(_read_pool(table) for table in fields.tables("pools")),
        constant_pools=tuple(
            ConstantPoolInfo(table.text("name"), table.integer("size_bytes"))
            for table in fields.tables("constant_pools")
        ),
        constant_bytes=fields.integer("constant_bytes"),
        stack_bytes=fields.integer("stack_bytes"),
    )
    pooled = sum(pool.size_bytes for pool in memory.constant_pools)
    if pooled > memory.constant_bytes:
        raise ArchiveError(
            f"{fields.where}: the constant pools have {pooled} bytes",
            expected=f"at most constant_bytes, {memory.constant_bytes}",
        )
    return memory


def read_chain(fields: Fields) -> ChainInfo:
    """One of the tables "chains" of a module, with the same errors."""
    return ChainInfo(
        first=fields.integer("first"),
        last=fields.integer("last"),
        operators=fields.texts("operators"),
        height=fields.integer("height"),
        stripes=fields.integer("stripes"),
        recomputed_macs=fields.integer("recomputed_macs"),
    )


def read_place(fields: Fields, size_bytes: int, pools: tuple[PoolInfo, ...]) -> Place:
    """The keys "pool" and "offset" of a table.

    Raises:
        ArchiveError: they name no bytes of a pool.
    """
    place = Place(fields.integer("pool"), fields.integer("offset"), size_bytes)
    if place.pool >= len(pools):
        raise ArchiveError(
            f"{fields.where} is in pool {place.pool}", expected=f"one of {len(pools)} pools from 0"
        )
    if place.end > pools[place.pool].size_bytes:
        raise ArchiveError(
            f"{fields.where} ends at {place.end} in pool {pools[place.pool].name!r}",
            expected=f"at most its size, {pools[place.pool].size_bytes}",
        )
    return place


def _read_pool(fields: Fields) -> PoolInfo:
    return PoolInfo(
        name=fields.text("name"),
        size_bytes=fields.integer("size_bytes"),
        lower_bound_bytes=fields.integer("lower_bound_bytes"),
        kind=fields.choice("kind", POOL_KINDS),
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The table of pools that `tvmc compile` prints where any are named, with the cycles they cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from microtvm.cli.console import format_table

if TYPE_CHECKING:
    from microtvm.compiler.program import Program


def pool_table(program: Program) -> str:
    """A row a pool and, below, what all of them make the core wait; "" where none is named."""
    pools = program.workspace_pools
    if len(pools) == 1 and pools[0].limit is None and not program.constant_pools:
        return ""
    stalls = sum(pool.stall_cycles for pool in pools)
    stalls += sum(pool.stall_cycles for pool in program.constant_pools)
    cycles = sum(layer.choice.taken.cost.cycles for layer in program.layers)
    share = f", {100 * stalls / cycles:.1f} % of the layers' {cycles:,}" if cycles else ""
    header = ["pool", "holds", "bytes", "of", "stall cycles"]
    return (
        f"{format_table(header, list(_rows(program)))}\n"
        f"stall cycles of an inference, estimated: {stalls:,}{share}"
    )


def _rows(program: Program) -> Iterator[list[str]]:
    for pool in program.workspace_pools:
        yield _row(pool.name, "buffers", pool.size, pool.limit, pool.stall_cycles)
    for place in program.constant_pools:
        holds = "constants, flash" if place.is_flash else "constants"
        yield _row(place.name, holds, place.size, place.limit, place.stall_cycles)


def _row(name: str, holds: str, size: int, limit: int | None, stalls: int) -> list[str]:
    return [name, holds, f"{size:,}", "" if limit is None else f"{limit:,}", f"{stalls:,}"]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What to say where pools do not hold a model's buffers: what does not fit, and what would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from microtvm.compiler.assign_pools import PoolProblem, some_assignment
from microtvm.compiler.buffers import ALIGNMENT, Buffer, aligned
from microtvm.compiler.fit_pools import fit_pools
from microtvm.compiler.memory_pools import MemoryPool
from microtvm.compiler.plan_memory import plan_memory
from microtvm.errors import MemoryBudgetError, PoolError

_MOST_NAMED = 3  # buffers


def pool_refusal(problem: PoolProblem, pools: Sequence[MemoryPool]) -> PoolError:
    """The error for pools that all have a size and do not hold all buffers."""
    largest = max(range(len(pools)), key=lambda index: pools[index].size_bytes or 0)
    enough = _smallest(problem, largest)
    sizes = ", ".join(f"{pool.name} {pool.size_bytes:,}" for pool in pools)
    # A budget is for one workspace.
    less = "--optimize ram" if len(pools) > 1 else f"--ram-budget {pools[0].size_bytes}"
    return PoolError(
        f"the model does not fit the workspace pools ({sizes} bytes): {_largest(problem.buffers)}",
        expected=f"{pools[largest].name} of {enough:,} bytes, the smallest that was found to do",
        hint=f"another pool for the rest, {less}, or --workspace-pools-size-hint-bytes"
        f" {pools[largest].name}:{enough}",
    )


def check_budget(sizes: Mapping[str, int], budget: int | None) -> None:
    """Refuses several pools that take more than the one workspace that was fitted.

    Args:
        sizes: bytes of each pool of the workspace.

    Raises:
        MemoryBudgetError: with the numbers.
    """
    taken = sum(sizes.values())
    if budget is not None and len(sizes) > 1 and taken > budget:
        told = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        raise MemoryBudgetError(
            f"the pools take {taken:,} bytes ({told}): buffers of different pools share nothing",
            expected=f"at most the budget, {budget:,} bytes",
            hint="one pool, or --workspace-pools-size-hint-bytes in place of --ram-budget",
        )


def _largest(buffers: Sequence[Buffer]) -> str:
    """Names the buffers of the layer in which most bytes are alive."""
    layers = [buffer.first for buffer in buffers]
    alive = {layer: [b for b in buffers if b.first <= layer <= b.last] for layer in layers}
    fullest = max(layers, key=lambda layer: sum(aligned(b.size) for b in alive[layer]))
    named = sorted(alive[fullest], key=lambda buffer: -buffer.size)[:_MOST_NAMED]
    parts = ", ".join(f"{buffer.name} ({buffer.size:,} bytes)" for buffer in named)
    return f"in layer {fullest} it needs {parts}"


def _smallest(problem: PoolProblem, pool: int) -> int:
    """Bytes of one pool with which all fit, the others being as they are."""
    least = problem.sizes[pool] or 0
    most = plan_memory(problem.buffers, problem.overlaps).size
    while most - least > ALIGNMENT:
        size = (least + most) // (2 * ALIGNMENT) * ALIGNMENT
        size = max(size, least // ALIGNMENT * ALIGNMENT + ALIGNMENT)
        sizes = [size if index == pool else own for index, own in enumerate(problem.sizes)]
        if fit_pools(replace(problem, sizes=sizes), some_assignment) is None:
            least = size
        else:
            most = size
    return most

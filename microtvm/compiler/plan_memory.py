# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places every buffer of a network in one workspace.

No two that live together share bytes, but for pairs of which is said how they may.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlaps
from microtvm.compiler.first_fit import first_fit
from microtvm.compiler.offset_problem import OffsetProblem, offset_problem
from microtvm.compiler.offset_search import Outcome, search_offsets

# Of a search for offsets in a workspace of one size.
_MOST_BRANCHES = 300
_FEW_BRANCHES = 40
_NO_OVERLAPS: Overlaps = MappingProxyType({})


@dataclass(frozen=True)
class Plan:
    """Offsets in bytes, one a buffer, in the order of `buffers`.

    Attributes:
        size: bytes of the workspace.
        lower_bound: no plan is smaller.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    size: int
    lower_bound: int


def plan_memory(buffers: Sequence[Buffer], overlaps: Overlaps = _NO_OVERLAPS) -> Plan:
    """The smallest plan that is found: by first fit in several orders, then by search.

    TVM's greedy-by-size is one of the orders. A plan whose size is its lower bound is optimal.
    """
    problem = offset_problem(buffers, overlaps)
    best, bound = _improved(problem, _first_fit(problem, buffers), _MOST_BRANCHES)
    offsets = tuple(offset * ALIGNMENT for offset in best)
    return Plan(tuple(buffers), offsets, _end(problem, best) * ALIGNMENT, bound * ALIGNMENT)


def estimated_size(
    buffers: Sequence[Buffer], overlaps: Overlaps, least: int, most: int | None
) -> int | None:
    """Bytes of a plan that is found in little time, None where there is none of `most` bytes.

    Args:
        least: bytes that no plan can do without, as far as is known.
    """
    problem = offset_problem(buffers, overlaps)
    problem = replace(problem, bound=max(problem.bound, -(-least // ALIGNMENT)))
    best = _first_fit(problem, buffers)
    if most is not None and _end(problem, best) > most // ALIGNMENT:
        if problem.bound > most // ALIGNMENT:
            return None
        found = search_offsets(problem, most // ALIGNMENT, _FEW_BRANCHES)
        if isinstance(found, Outcome):
            return None
        best = found
    best, _ = _improved(problem, best, _FEW_BRANCHES)
    return _end(problem, best) * ALIGNMENT


def _first_fit(problem: OffsetProblem, buffers: Sequence[Buffer]) -> tuple[int, ...]:
    fits = [first_fit(problem, order) for order in _orders(buffers)]
    return min(fits, key=lambda offsets: _end(problem, offsets))


def _orders(buffers: Sequence[Buffer]) -> list[list[int]]:
    keys: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
        lambda buffer: (-buffer.size, buffer.first),
        lambda buffer: (buffer.first, -buffer.size),
        lambda buffer: (buffer.first - buffer.last, -buffer.size),
        lambda buffer: (-buffer.size * (buffer.last - buffer.first + 1), buffer.first),
    )
    orders = []
    for key in keys:
        values = [key(buffer) for buffer in buffers]
        orders.append(sorted(range(len(buffers)), key=values.__getitem__))
    return orders


def _improved(
    problem: OffsetProblem, best: tuple[int, ...], branches: int
) -> tuple[tuple[int, ...], int]:
    """Halves the way between what is known to be possible and to be needed; returns both."""
    bound = least = problem.bound
    while least < _end(problem, best):
        size = least if least == problem.bound else (least + _end(problem, best)) // 2
        found = search_offsets(problem, size, branches)
        if not isinstance(found, Outcome):
            best = found
            continue
        if found is Outcome.IMPOSSIBLE:
            bound = max(bound, size + 1)
        least = size + 1
    return best, bound


def _end(problem: OffsetProblem, offsets: Sequence[int]) -> int:
    ends = (offset + size for offset, size in zip(offsets, problem.sizes, strict=True))
    return max(ends, default=0)

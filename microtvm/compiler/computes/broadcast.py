# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""numpy's broadcasting of two operands, with as few dimensions as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Broadcast:
    """Shapes of one rank that hold the same elements in the same order as the real ones."""

    first: Shape
    second: Shape
    output: Shape


def collapse_broadcast(first: Shape, second: Shape) -> Broadcast:
    """Drops dimensions of 1 and merges neighbours that are broadcast alike."""
    rank = max(len(first), len(second))
    merged: list[tuple[int, int]] = []
    for sizes in zip(_to_rank(first, rank), _to_rank(second, rank), strict=True):
        if sizes == (1, 1):
            continue
        if merged and _kind(merged[-1]) == _kind(sizes):
            merged[-1] = (merged[-1][0] * sizes[0], merged[-1][1] * sizes[1])
        else:
            merged.append(sizes)
    merged = merged or [(1, 1)]
    return Broadcast(
        tuple(a for a, _ in merged),
        tuple(b for _, b in merged),
        tuple(max(sizes) for sizes in merged),
    )


def broadcast_index(shape: Shape, indices: Sequence[Any]) -> tuple[Any, ...]:
    """Where an operand of `shape` has the output's element at `indices`."""
    return tuple(0 if size == 1 else index for size, index in zip(shape, indices, strict=True))


def _to_rank(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _kind(sizes: tuple[int, int]) -> tuple[bool, bool]:
    return sizes[0] == 1, sizes[1] == 1

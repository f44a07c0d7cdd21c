# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Overlap of input and output of the kernels that go through rows: mean_s8.h and move_s8.h."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.access_order import AccessOrder, Steps
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.meanings.rows import ConcatenateMeaning, PadMeaning
from microtvm.compiler.overlap import trailing


def mean_overlap(shape: tuple[int, int, int]) -> Overlap:
    """[outer, count, inner] to [outer, inner], element by element."""
    outer, count, inner = shape
    progress = [
        (row * inner + column, row * count * inner + column)
        for row in range(outer)
        for column in (0, inner - 1)
        if row + column > 0
    ]
    return trailing(progress, outer * count * inner)


def mean_order(shape: tuple[int, int, int]) -> AccessOrder:
    """A step is an element of the output."""
    outer, count, inner = shape
    writes = np.arange(outer * inner, dtype=np.int32)
    reads = writes.reshape(outer, 1, inner).repeat(count, axis=1).reshape(-1)
    return AccessOrder((reads,), writes)


def pad_overlap(sizes: PadMeaning) -> Overlap:
    """What is around a row is written before the next one is read."""
    places = _padded_places(sizes)
    width = sizes.shape[2]
    progress = ((int(place), row * width) for row, place in enumerate(places))
    return trailing(progress, places.size * width)


def pad_order(sizes: PadMeaning) -> AccessOrder:
    """A step is a byte of the output."""
    blocks, rows, width = sizes.shape
    pitch = sizes.before[1] + width + sizes.after[1]
    size = blocks * (sizes.before[0] + rows + sizes.after[0]) * pitch
    reads = _padded_places(sizes)[:, None] + np.arange(width)
    return AccessOrder(
        (reads.reshape(-1).astype(np.int32),),
        np.arange(size, dtype=np.int32),
    )


def concatenate_overlaps(sizes: ConcatenateMeaning) -> Sequence[Overlap]:
    """An operand's rows are copied, each to its place, before those of the next one."""
    pitch, last = sum(sizes.widths), sizes.rows - 1
    overlaps = []
    for number, width in enumerate(sizes.widths):
        before = sum(sizes.widths[:number])
        # Of the operands before, the last row's end; then, its own last row's start.
        written = last * pitch + before if number else 0
        progress = [(written, 0), (last * pitch + before, last * width)]
        overlaps.append(trailing(progress, sizes.rows * width))
    return overlaps


def concatenate_order(sizes: ConcatenateMeaning) -> AccessOrder:
    """A step is a byte of an operand."""
    rows, steps, start = sizes.rows, [], 0
    for width in sizes.widths:
        steps.append(np.arange(start, start + rows * width, dtype=np.int32))
        start += rows * width
    parts = [own.reshape(rows, -1) for own in steps]
    writes: Steps = np.concatenate(parts, axis=1).reshape(-1)
    return AccessOrder(tuple(steps), writes)


def _padded_places(sizes: PadMeaning) -> Steps:
    """Where in the output each row of the input begins."""
    blocks, rows, width = sizes.shape
    pitch = sizes.before[1] + width + sizes.after[1]
    block_rows = sizes.before[0] + rows + sizes.after[0]
    row = np.arange(blocks)[:, None] * block_rows + sizes.before[0] + np.arange(rows)
    places: Steps = (row.reshape(-1) * pitch + sizes.before[1]).astype(np.int32)
    return places

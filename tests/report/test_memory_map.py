# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The drawing of a pool: round ticks, rows with their bytes, and labels where they can be read."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from support.planned_models import tensor, two_pool_model

from microtvm.report.buffers import MOST_IN_A_LAYER, model_buffers
from microtvm.report.memory_map import MemoryMap, memory_map
from microtvm.session.memory_plan import Place

MODEL = two_pool_model()


def _map(index: int) -> MemoryMap:
    return memory_map(MODEL, index, model_buffers(MODEL))


def test_rows_tell_the_bytes_in_use_and_the_fullest_is_marked() -> None:
    rows = [(row.layer, row.operator, row.used, row.is_peak) for row in _map(0).rows]
    assert rows == [
        (0, "before", 400, False),
        (1, "conv2d", 1000, True),
        (2, "add", 800, False),
        (3, "dense", 400, False),
    ]


def test_a_buffers_row_and_bytes_become_pixels_and_percent() -> None:
    drawn = {each.buffer.label: each.rectangle for each in _map(0).buffers}
    hidden = drawn["1"]
    assert (hidden.span.left, hidden.span.width) == (33.333, 50.0)
    assert (hidden.top, hidden.height) == (22, 44)
    assert (_map(0).height, _map(1).height) == (88, 88)


@pytest.mark.parametrize(
    ("size", "ticks"),
    [
        (0, [0]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4]),
        (1000, [0, 500, 1000]),
        (40_128, [0, 20_000, 40_000]),
        (2**63, [0, 5 * 10**18]),
    ],
)
def test_ticks_are_round(size: int, ticks: list[int]) -> None:
    memory = replace(MODEL.memory, pools=(replace(MODEL.pools[0], size_bytes=size),))
    empty = replace(MODEL, memory=memory, tensors=(), layers=())
    assert [tick for tick, _ in memory_map(empty, 0, ()).ticks] == ticks


def test_many_thin_buffers_in_a_layer_end_soon() -> None:
    tensors = tuple(
        tensor(index, "x", Place(0, index, 1), (0, 3)) for index in range(MOST_IN_A_LAYER - 1)
    )
    crowded = replace(MODEL, tensors=tensors, inputs=(), outputs=())
    crowded = replace(crowded, layers=tuple(replace(row, inputs=()) for row in MODEL.layers))
    start = time.monotonic()
    drawn = memory_map(crowded, 0, model_buffers(crowded))
    assert len(drawn.buffers) == len(tensors)
    assert time.monotonic() - start < 20

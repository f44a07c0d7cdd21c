# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The plugin's file as values."""

from __future__ import annotations

import pytest
from bench_model.counts import NO_BLOCK, BlockKey, Interval, parse_counts
from bench_model.errors import BenchError

LINES = (
    "edge -1 0 1",
    "interval 3 4 0 4096",
    "edge 0 1 1",
    "edge 1 1 9",
    "interval 1 2 5 4000",
    "block 0 100 4",
    "block 1 108 3",
    "end",
)


def test_intervals_and_blocks() -> None:
    counts = parse_counts(LINES)
    assert counts.blocks == (BlockKey(100, 4), BlockKey(108, 3))
    assert counts.intervals == (
        Interval({(NO_BLOCK, 0): 1}, 3, 4, 0, 4096),
        Interval({(0, 1): 1, (1, 1): 9}, 1, 2, 5, 4000),
    )
    assert [counts.instructions(interval) for interval in counts.intervals] == [4, 30]


@pytest.mark.parametrize("length", range(len(LINES)))
def test_a_file_that_was_cut_off_is_refused(length: int) -> None:
    with pytest.raises(BenchError, match="not whole"):
        parse_counts(LINES[:length])

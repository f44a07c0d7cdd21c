# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""STRIDED_SLICE's ranges against numpy's slices, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from microtvm.compiler.slice_bounds import SliceArguments, SliceRange, slice_ranges

ARRAY = np.arange(4 * 5 * 6).reshape(4, 5, 6)


def _taken(ranges: tuple[SliceRange, ...]) -> Any:
    indices = [part.begin + part.stride * np.arange(part.extent) for part in ranges]
    return ARRAY[np.ix_(*indices)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (SliceArguments([1], [3], [1]), ARRAY[1:3]),
        (SliceArguments([-3, 100], [-1, 0], [1, -2]), ARRAY[-3:-1, 100:0:-2]),
        (SliceArguments([0, 3], [0, 1], [1, -1], begin_mask=2, end_mask=3), ARRAY[:, ::-1]),
        (SliceArguments([0, 2], [0, 4], [1, 1], ellipsis_mask=1), ARRAY[..., 2:4]),
        (
            SliceArguments([1, 0, 2], [3, 0, 6], [1, 1, 2], ellipsis_mask=2),
            ARRAY[1:3, ..., 2:6:2],
        ),
        (SliceArguments([0, 1], [0, 3], [1, 1], new_axis_mask=1), ARRAY[1:3]),
        (
            SliceArguments([2, -1], [0, 0], [1, 1], shrink_axis_mask=3),
            ARRAY[2:3, 4:5],
        ),
    ],
)
def test_ranges_are_numpys(arguments: SliceArguments, expected: Any) -> None:
    np.testing.assert_array_equal(_taken(slice_ranges(ARRAY.shape, arguments)), expected)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_ends_are_what_a_slice_takes(size: int) -> None:
    values = list(range(size))
    for part in (SliceRange(0, 1, size), SliceRange(size - 1, -1, size), SliceRange(0, 3, 1)):
        taken = values[part.begin : part.end(size) : part.stride]
        assert taken == [part.begin + part.stride * i for i in range(part.extent)]


@pytest.mark.parametrize(
    "arguments",
    [
        SliceArguments([0], [3], [0]),
        SliceArguments([3], [3], [1]),
        SliceArguments([0], [3], [-1]),
        SliceArguments([4], [0], [1], shrink_axis_mask=1),
        SliceArguments([-5], [0], [1], shrink_axis_mask=1),
        SliceArguments([0] * 4, [1] * 4, [1] * 4),
        SliceArguments([0] * 2, [1] * 2, [1] * 2, ellipsis_mask=3),
    ],
    ids=["stride 0", "empty", "backwards", "above", "below", "rank", "two ellipses"],
)
def test_refused(arguments: SliceArguments) -> None:
    with pytest.raises(ValueError, match=r"a slice|an empty slice|index"):
        slice_ranges(ARRAY.shape, arguments)

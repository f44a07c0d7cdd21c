# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operands seen with as few dimensions as their broadcast takes."""

from __future__ import annotations

import numpy as np
import pytest

from microtvm.compiler.computes.broadcast import Broadcast, broadcast_index, collapse_broadcast


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((1, 4, 5, 3), (1, 4, 5, 3), Broadcast((60,), (60,), (60,))),
        ((1, 4, 5, 3), (3,), Broadcast((20, 3), (1, 3), (20, 3))),
        ((1, 4, 5, 3), (1, 4, 5, 1), Broadcast((20, 3), (20, 1), (20, 3))),
        ((2, 3), (), Broadcast((6,), (1,), (6,))),
        ((), (), Broadcast((1,), (1,), (1,))),
        ((2, 1, 5), (3, 1), Broadcast((2, 1, 5), (1, 3, 1), (2, 3, 5))),
        ((4, 1, 1, 2), (1, 3, 5, 1), Broadcast((4, 1, 2), (1, 15, 1), (4, 15, 2))),
    ],
)
def test_dimensions_that_broadcast_alike_are_merged(
    first: tuple[int, ...], second: tuple[int, ...], expected: Broadcast
) -> None:
    assert collapse_broadcast(first, second) == expected


def test_elements_keep_their_order() -> None:
    first, second = np.arange(2 * 3 * 4).reshape(2, 3, 1, 4), np.arange(3 * 5).reshape(3, 5, 1)
    shapes = collapse_broadcast(first.shape, second.shape)
    sums = first.reshape(shapes.first) + second.reshape(shapes.second)
    assert sums.shape == shapes.output
    np.testing.assert_array_equal(sums.reshape(-1), (first + second).reshape(-1))


def test_broadcast_dimensions_have_one_index() -> None:
    assert broadcast_index((4, 1, 2), ("i", "j", "k")) == ("i", 0, "k")

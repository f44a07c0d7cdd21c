# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Source pixels of a nearest-neighbour resize."""

from __future__ import annotations

import pytest

from microtvm.compiler.nearest import source_indices


@pytest.mark.parametrize(
    ("source", "target", "corners", "centers", "expected"),
    [
        (3, 3, False, False, (0, 1, 2)),
        (2, 4, False, False, (0, 0, 1, 1)),
        (4, 2, False, False, (0, 2)),
        (4, 2, False, True, (1, 3)),
        (5, 3, True, False, (0, 2, 4)),
        (2, 3, True, False, (0, 1, 1)),
        (4, 1, True, False, (0,)),
        (3, 5, False, True, (0, 0, 1, 2, 2)),
    ],
)
def test_indices(
    source: int, target: int, corners: bool, centers: bool, expected: tuple[int, ...]
) -> None:
    found = source_indices(source, target, align_corners=corners, half_pixel_centers=centers)
    assert found == expected

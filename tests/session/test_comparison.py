# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.host_firmware import model_folder

from microtvm.errors import SessionError
from microtvm.session.comparison import Array, compare, shaped_reference
from microtvm.session.metadata import read_metadata

MODEL = read_metadata(model_folder("stub") / "metadata.json")
NAN, INF = float("nan"), float("inf")


def compared(actual: Array, expected: Array) -> tuple[int | None, float]:
    row = compare(MODEL.layers[0], MODEL.tensors[1], actual, expected)
    assert row.elements == actual.size
    return row.mismatches, row.largest_difference


@pytest.mark.parametrize(
    ("dtype", "actual", "expected", "result"),
    [
        ("int8", [1, 2], [1, 2], (0, 0.0)),
        ("int8", [-128, 127], [127, -128], (2, 255.0)),
        ("uint8", [0, 255], [255, 255], (1, 255.0)),
        ("int32", [-(2**31)], [2**31 - 1], (1, 2.0**32 - 1)),
        ("bool", [True, False], [True, True], (1, 1.0)),
        ("float32", [1.0, -0.0], [1.5, 0.0], (1, 0.5)),
        ("float32", [NAN, INF, -INF], [NAN, INF, -INF], (0, 0.0)),
        ("float32", [NAN, 1.0], [1.0, 1.0], (1, INF)),
        ("float32", [INF, 1.0], [-INF, 1.0], (1, INF)),
        ("float32", [], [], (0, 0.0)),
    ],
)
def test_counts_and_measures(
    dtype: str, actual: list[float], expected: list[float], result: tuple[int, float]
) -> None:
    assert compared(np.array(actual, dtype), np.array(expected, dtype)) == result


def test_a_stripe_is_compared_with_its_rows() -> None:
    reference = np.arange(2 * 3 * 4 * 5, dtype=np.int8).reshape(1, 6, 4, 5)
    tensor = replace(MODEL.tensors[1], shape=(1, 2, 4, 5), dtype="int8", rows=(3, 5))
    assert np.array_equal(shaped_reference(tensor, reference), reference[:, 3:5])
    some = replace(tensor, shape=(1, 2, 4, 2), channels=(1, 4))
    assert np.array_equal(shaped_reference(some, reference), reference[:, 3:5, :, [1, 4]])
    with pytest.raises(SessionError, match=r"expected: int8 of shape \(1, 2, 4, 5\)"):
        shaped_reference(replace(tensor, rows=(5, 7)), reference)


def test_floats_may_differ_as_two_libraries_do() -> None:
    expected = np.array([0.5, 1000.0, -1e-7], np.float32)
    mismatches, largest = compared(expected * np.float32(1 + 1e-6), expected)
    assert mismatches == 0
    assert largest > 0
    mismatches, _ = compared(expected * np.float32(1 + 1e-5), expected)
    assert mismatches == 2

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Averages by a product: equal to the division for every count that is not divided."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from support.kernel_library import KernelLibrary

_LARGEST = 4095
Int64Array = npt.NDArray[np.int64]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> KernelLibrary:
    return KernelLibrary(tmp_path_factory.mktemp("kernels"))


def _sums_at_steps(counts: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Each count with the sums on both sides of each step from one average to the next.

    Product and quotient never fall as the sum rises: equal at all steps, they are equal everywhere.
    """
    halves = np.arange(-255, 256, 2, dtype=np.int64)
    steps = np.floor_divide(halves * counts[:, np.newaxis], 2)
    sums = steps[:, :, np.newaxis] + np.arange(-1, 3)
    limits = 128 * counts[:, np.newaxis, np.newaxis]
    sums = np.clip(sums, -limits, limits - limits // 128)
    return sums.ravel(), np.repeat(counts, sums[0].size)


def _divided(sums: Int64Array, counts: Int64Array) -> Int64Array:
    """Halves away from zero."""
    magnitude = (np.abs(sums) + counts // 2) // counts
    result: Int64Array = np.sign(sums) * magnitude
    return result


def test_equals_the_division_at_every_step_of_every_count(kernels: KernelLibrary) -> None:
    for first in range(1, _LARGEST + 1, 512):
        counts = np.arange(first, min(first + 512, _LARGEST + 1), dtype=np.int64)
        sums, elements = _sums_at_steps(counts)
        result = kernels.call("average", sums, elements)
        np.testing.assert_array_equal(result, _divided(sums, elements))


def test_more_elements_are_divided(kernels: KernelLibrary) -> None:
    counts = np.array([_LARGEST + 1, 4097, 9216, 65535, 65536, 1000003], np.int64)
    sums, elements = _sums_at_steps(counts)
    np.testing.assert_array_equal(kernels.call("average", sums, elements), _divided(sums, elements))

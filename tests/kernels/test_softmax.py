# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Softmax's C half: sums that saturate, reciprocals by Newton's method, shares of a row."""

from __future__ import annotations

import numpy as np
import pytest
from support.kernel_library import KernelLibrary

ONE = 2**19
LARGEST = 2**31 - 1


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> KernelLibrary:
    return KernelLibrary(tmp_path_factory.mktemp("kernels"))


def test_a_sum_rounds_each_exponential(kernels: KernelLibrary) -> None:
    result = kernels.call("softmax_accumulate", [0, 5, 7, 7], [LARGEST, 2048, 2047, 0])
    assert result.tolist() == [ONE, 6, 7, 7]


def test_a_sum_saturates(kernels: KernelLibrary) -> None:
    result = kernels.call("softmax_accumulate", [LARGEST, LARGEST - ONE], [LARGEST, LARGEST])
    assert result.tolist() == [LARGEST, LARGEST]


def test_reciprocals(kernels: KernelLibrary) -> None:
    sums = np.concatenate([np.arange(ONE, 2 * ONE, 97), [2**30, LARGEST, 3 * ONE, 255 * ONE]])
    mantissas = sums / 2.0 ** np.floor(np.log2(sums))
    result = kernels.call("softmax_reciprocal", sums) / 2.0**31
    np.testing.assert_allclose(result, 1 / mantissas, rtol=0, atol=2e-8)


def test_shares_of_a_row(kernels: KernelLibrary) -> None:
    for count in (1, 2, 3, 10, 255, 511):
        share = kernels.call("softmax_share", [LARGEST], [count * ONE])
        assert share.tolist() == [min(127, round(256 / count) - 128)]


def test_rows_longer_than_any_share_give_the_lowest(kernels: KernelLibrary) -> None:
    assert kernels.call("softmax_share", [LARGEST, 0], [LARGEST, LARGEST]).tolist() == [-128] * 2

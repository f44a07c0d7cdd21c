# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of element-wise functions: what each must have, whatever its scales."""

from __future__ import annotations

import numpy as np
import pytest

from microtvm.compiler import lookup_tables
from microtvm.compiler.lookup_tables import Quantization

BYTES = np.arange(-128, 128)
FINE = Quantization(0.05, 3)


def test_requantisation_to_the_same_scale_is_the_identity() -> None:
    np.testing.assert_array_equal(lookup_tables.requantize(FINE, FINE), BYTES)


def test_requantisation_saturates() -> None:
    table = lookup_tables.requantize(Quantization(1.0, 0), Quantization(0.5, 10))
    assert (table[0], table[128], table[129], table[-1]) == (-128, 10, 12, 127)


def test_logistic_is_symmetric_around_a_half() -> None:
    table = lookup_tables.logistic(Quantization(0.1, 0), Quantization(1 / 256, -128))
    assert table[128] == 0
    assert (table[-1], table[0]) == (127, -128)
    assert (np.diff(table.astype(int)) >= 0).all()


def test_tanh_is_odd() -> None:
    table = lookup_tables.tanh(Quantization(0.02, 0), Quantization(1 / 128, 0)).astype(int)
    np.testing.assert_array_equal(table[129:], -table[1:128][::-1])


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("relu", 3, 127), ("relu6", 3, 123), ("relu_n1_to_1", -17, 23), ("relu_0_to_1", 3, 23)],
)
def test_relus_clamp(name: str, lowest: int, highest: int) -> None:
    table = lookup_tables.relu(name, FINE, FINE)
    np.testing.assert_array_equal(table, np.clip(BYTES, lowest, highest))


def test_leaky_relu_has_two_slopes() -> None:
    same = Quantization(0.05, 0)
    table = lookup_tables.leaky_relu(same, same, 0.5)
    assert (table[128 + 100], table[128 - 100]) == (100, -50)


def test_leaky_relu_takes_a_negative_slope() -> None:
    same = Quantization(0.05, 0)
    assert lookup_tables.leaky_relu(same, same, -0.5)[128 - 100] == 50


def test_hard_swish_is_zero_below_minus_three() -> None:
    table = lookup_tables.hard_swish(Quantization(0.1, 0), Quantization(0.1, 0))
    assert not table[: 128 - 30].any()
    np.testing.assert_array_equal(table[128 + 30 :], BYTES[128 + 30 :])


@pytest.mark.parametrize("scales", [(1.0, 1e-4), (1e-3, 10.0), (1e-8, 1e-8)])
def test_hard_swish_refuses_scales_without_meaning(scales: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="hard swish from scale"):
        lookup_tables.hard_swish(Quantization(scales[0], 0), Quantization(scales[1], 0))

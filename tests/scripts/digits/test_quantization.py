# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Scales and zero points, and the integers they give."""

from __future__ import annotations

import numpy as np
import pytest
from digits.quantization import Quantization, quantize_bias, quantize_weight


@pytest.mark.parametrize(
    ("values", "scale", "zero_point"),
    [
        ([0.0, 255.0], 1.0, -128),
        ([-255.0, 0.0], 1.0, 127),
        ([-128.0, 127.0], 1.0, 0),
        ([10.0, 255.0], 1.0, -128),
        ([0.0, 0.0], 1.0, 0),
    ],
)
def test_range(values: list[float], scale: float, zero_point: int) -> None:
    assert Quantization.of(np.array(values)) == Quantization(scale, zero_point)


def test_quantize_rounds_and_saturates() -> None:
    quantization = Quantization(scale=0.5, zero_point=10)
    integers = quantization.quantize(np.array([0.0, 0.6, -0.9, 1e9, -1e9]))
    assert integers.tolist() == [10, 11, 8, 127, -128]
    assert integers.dtype == np.int8


def test_weights_by_channel() -> None:
    weight = np.array([[1.0, -2.0], [0.0, 0.0], [0.5, 127.0]])
    integers, scales = quantize_weight(weight, 0)
    np.testing.assert_allclose(scales, [2 / 127, 1.0, 1.0], rtol=1e-6)
    # -2 is -127 steps and 1 is 63.5 of them; float32 makes it a little less or more.
    assert integers[0, 1] == -127
    assert integers[0, 0] in (63, 64)
    assert integers[1:].tolist() == [[0, 0], [0, 127]]


def test_weights_by_tensor() -> None:
    integers, scales = quantize_weight(np.array([[127.0], [-1.0]]), None)
    assert scales.tolist() == [1.0]
    assert integers.tolist() == [[127], [-1]]


def test_bias_saturates() -> None:
    integers = quantize_bias(np.array([1.0, 1e30]), np.array([0.25, 1.0]))
    assert integers.tolist() == [4, 2**31 - 1]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators that become a table of 256 bytes, on each of the 256 inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from support.activations import (
    LOGISTIC_OUTPUT,
    TANH_OUTPUT,
    activation,
    leaky_relu,
)
from support.choices import choose_kernel
from support.draws import Draws
from support.operator_suite import OperatorSuite
from support.single_operator import Quantized

ALL = (1, 16, 16, 1)
RELUS = ("relu", "relu6", "relu_n1_to_1", "relu_0_to_1")
SCALES_EACH = 12


def _hard_swish_output(draws: Draws, source: Quantized) -> Quantized:
    """LiteRT refuses outputs whose scale is less than a 128th of the input's."""
    scale = max(draws.quantized(-9, 3).scale, float(np.float32(source.scale / 100)))
    return Quantized(scale, draws.between(-128, 127))


def _cases() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for number in range(SCALES_EACH):
        source, target = draws.quantized(-9, 3), draws.quantized(-9, 3)
        yield f"logistic {number}", activation("logistic", ALL, source, LOGISTIC_OUTPUT)
        yield f"tanh {number}", activation("tanh", ALL, source, TANH_OUTPUT)
        yield f"requantize {number}", activation("requantize", ALL, source, target)
        swish = _hard_swish_output(draws, source)
        yield f"hard_swish {number}", activation("hard_swish", ALL, source, swish)
        alpha = draws.one_of((0.1, 0.3, 1.0, 1.5, 0.0, -0.2))
        yield f"leaky_relu {number} of {alpha}", leaky_relu(ALL, source, target, alpha)
        for name in RELUS:
            yield f"{name} {number}", activation(name, ALL, source, target)
            yield f"{name} {number}, one scale", activation(name, ALL, source, source)


CASES = dict(_cases())
# By kernels where there are any; some by plain loops, as on cores without the DSP extension.
CHOOSE = choose_kernel
PLAIN_CASES = dict(list(CASES.items())[::3])


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check_every_byte(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == ["look_up"]


@pytest.mark.parametrize("name", PLAIN_CASES)
def test_plain_loops_equal_the_reference(plain_suite: OperatorSuite, name: str) -> None:
    plain_suite.check_every_byte(name)


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_taken(suite: OperatorSuite, name: str) -> None:
    assert suite.schedules(name) == ["look_up"]

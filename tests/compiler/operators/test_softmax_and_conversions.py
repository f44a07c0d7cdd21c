# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""SOFTMAX, QUANTIZE and DEQUANTIZE against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from support.activations import dequantize, quantize, softmax
from support.choices import choose_kernel
from support.draws import LANES, Draws
from support.operator_suite import OperatorSuite
from support.single_operator import Quantized

SHAPES: tuple[tuple[int, ...], ...] = (
    (10,),
    (1, 10),
    (3, 7),
    (2, 3, 5),
    (2, 2, 3, 9),
    (1, 1),
    (4, 33),
    (1, 300),
)
# From where each difference counts to where none but 0 does.
SCALES = (1e-5, 0.001, 0.02, 0.1, 0.5, 3.0, 50.0)


def _softmaxes() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for shape in SHAPES:
        for scale in SCALES:
            source = Quantized(float(np.float32(scale * draws.number(0.9, 1.1))), 5)
            beta = draws.one_of((1.0, 1.0, 0.7, 2.0))
            yield f"softmax of {shape} at {scale}, beta {beta}", softmax(shape, source, beta=beta)


def _conversions() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for size in LANES:
        yield f"quantize {size}", quantize((1, size), draws.quantized())
        yield f"dequantize {size}", dequantize((1, size), draws.quantized())
    yield "quantize scalar", quantize((), draws.quantized())
    yield "dequantize rank 5", dequantize((1, 2, 3, 2, 2), draws.quantized())


CASES = {**dict(_softmaxes()), **dict(_conversions())}
# By kernels where there are any; some by plain loops, as on cores without the DSP extension.
CHOOSE = choose_kernel
PLAIN_CASES = dict(list(CASES.items())[::3])


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == [name.split()[0]]


@pytest.mark.parametrize("name", PLAIN_CASES)
def test_plain_loops_equal_the_reference(plain_suite: OperatorSuite, name: str) -> None:
    plain_suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_taken(suite: OperatorSuite, name: str) -> None:
    is_softmax = name.startswith("softmax")
    assert suite.schedules(name) == ["dsp_softmax" if is_softmax else "plain"]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
from support.drawn_cases import pool_cases
from support.draws import Draws
from support.operator_suite import OperatorSuite
from support.pools import mean, pool

MEANS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((1, 4, 5, 3), (1, 2)),
    ((1, 7, 7, 33), (1, 2)),
    ((1, 31, 31, 2), (2, 1)),
    ((1, 4, 5, 3), (3,)),
    ((2, 4, 5, 3), (0,)),
    ((2, 4, 5, 3), (0, 1, 2, 3)),
    ((2, 4, 5, 3), (-1, 1)),
    ((5,), (0,)),
    ((3, 7), (-1,)),
    ((3, 7), (0,)),
    ((2, 3, 2, 3, 2), (0, 2, 4)),
)


def _whole_image() -> Iterator[tuple[str, bytes]]:
    whole = Draws(1).quantized().operand((1, 25, 5, 64))
    yield "average of the whole image", pool("average", whole, (25, 5), (25, 5), "valid")


def _means() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for shape, axes in MEANS:
        for keep_dims in (False, True):
            source, output = draws.quantized().operand(shape), draws.quantized().operand(())
            kind = ", kept" if keep_dims else ""
            yield f"mean of {shape} over {axes}{kind}", mean(source, output, axes, keep_dims)


CASES = {**dict(pool_cases(Draws(1))), **dict(_whole_image()), **dict(_means())}
# By kernels where there are any; some by plain loops, as on cores without the DSP extension.
CHOOSE = choose_kernel
PLAIN_CASES = dict(list(CASES.items())[::3])


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) in (["average_pool2d"], ["max_pool2d"], ["mean"])


@pytest.mark.parametrize("name", PLAIN_CASES)
def test_plain_loops_equal_the_reference(plain_suite: OperatorSuite, name: str) -> None:
    plain_suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_kernels_are_taken(suite: OperatorSuite, name: str) -> None:
    kernel = name.split()[0]
    expected = "dsp_mean" if kernel == "mean" else f"dsp_{kernel}_pool"
    # Dimensions that are kept lie between those that are reduced.
    is_plain = name.startswith(f"mean of {(2, 3, 2, 3, 2)}") or "over (-1, 1)" in name
    assert suite.schedules(name) == ["plain" if is_plain else expected]

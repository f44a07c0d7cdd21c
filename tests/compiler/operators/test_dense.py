# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""FULLY_CONNECTED against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.choices import choose_kernel
from support.convolutions import Dense, fully_connected, output_for
from support.draws import LANES, Draws
from support.operator_suite import OperatorSuite


def _dense(draws: Draws, shape: tuple[int, ...], inputs: int, dense: Dense) -> bytes:
    source = draws.quantized().operand(shape)
    target = output_for(source, inputs, draws)
    drawn = replace(dense, activation=draws.activation(), has_bias=draws.between(0, 3) > 0)
    return fully_connected(source, inputs, drawn, target, seed=draws.between(0, 10**6))


def _by_size() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for size in LANES:
        for per_channel in (False, True):
            kind = "per channel" if per_channel else "per tensor"
            dense = Dense(draws.lane(), per_channel=per_channel)
            yield f"{size} in {kind}", _dense(draws, (1, size), size, dense)
            dense = Dense(size, per_channel=per_channel)
            depth = draws.lane()
            yield f"{size} out {kind}", _dense(draws, (1, depth), depth, dense)
    for depth in (127, 128, 129, 640):
        yield f"{depth} in", _dense(draws, (1, depth), depth, Dense(8))


def _by_rank() -> Iterator[tuple[str, bytes]]:
    """The batch is all that does not fit the weights."""
    draws = Draws(2)
    for batch in (2, 3, 8):
        yield f"batch {batch}", _dense(draws, (batch, 17), 17, Dense(5))
    yield "image", _dense(draws, (1, 4, 3, 5), 60, Dense(7))
    yield "images", _dense(draws, (2, 4, 3, 5), 60, Dense(7))
    yield "rows of an image", _dense(draws, (1, 4, 3, 5), 15, Dense(7))
    yield "rank 1", _dense(draws, (9,), 9, Dense(4))
    yield "rank 3, kept", _dense(draws, (2, 3, 9), 9, Dense(4, keep_dims=True))
    yield "rank 4, kept", _dense(draws, (1, 2, 3, 9), 9, Dense(4, keep_dims=True))


def _asymmetric() -> Iterator[tuple[str, bytes]]:
    draws = Draws(3)
    for zero_point in (-128, -3, 5, 127):
        dense = Dense(6, weights_zero_point=zero_point)
        yield f"weights around {zero_point}", _dense(draws, (2, 33), 33, dense)


CHOOSE = choose_kernel
CASES = {**dict(_by_size()), **dict(_by_rank()), **dict(_asymmetric())}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == ["dense"]


@pytest.mark.parametrize("name", CASES)
def test_is_computed_by_a_kernel(suite: OperatorSuite, name: str) -> None:
    (schedule,) = suite.schedules(name)
    assert schedule in ("dsp_dense", "dsp_matmul")

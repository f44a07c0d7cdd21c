# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of one operator by name, over channels at and around the widths of registers and loads."""

from __future__ import annotations

from collections.abc import Iterator

from support.convolutions import Dense
from support.drawn import (
    Shape,
    drawn_binary,
    drawn_convolution,
    drawn_dense,
    drawn_depthwise,
    drawn_grouped,
    drawn_pool,
    drawn_window,
)
from support.draws import LANES, Draws

Cases = Iterator[tuple[str, bytes]]

# Pairs that numpy broadcasts, up to the rank of 6 that TFLite allows.
BROADCASTS: tuple[tuple[Shape, Shape], ...] = (
    ((1, 4, 5, 3), (3,)),
    ((1, 4, 5, 3), (1, 1, 1, 3)),
    ((1, 4, 5, 3), (1, 4, 5, 1)),
    ((1,), (7,)),
    ((2, 1, 5), (3, 1)),
    ((2, 3, 4), (2, 1, 1)),
    ((1, 1, 1, 17), (2, 3, 3, 1)),
    ((2, 3), ()),
    ((), ()),
    ((2, 1, 3, 1, 2), (1, 4, 1, 5, 2)),
    ((1, 2, 2, 3, 1, 4), (1, 2, 2, 3, 1, 4)),
)


def convolution_cases(draws: Draws) -> Cases:
    for channels in LANES:
        window = drawn_window(draws, (1, 1))
        yield f"pointwise {channels} in", drawn_convolution(draws, channels, draws.lane(), window)
        window = drawn_window(draws, (3, 3))
        yield f"3x3 {channels} in", drawn_convolution(draws, channels, draws.lane(), window)
        model = drawn_convolution(draws, draws.lane(), channels, drawn_window(draws))
        yield f"{channels} out", model
    for number in range(40):
        model = drawn_convolution(draws, draws.lane(), draws.lane(), drawn_window(draws))
        yield f"drawn {number}", model


def grouped_cases(draws: Draws) -> Cases:
    for groups in (2, 3, 4):
        for depth in (1, 2, 5, 8):
            yield f"{groups} groups of {depth}", drawn_grouped(draws, groups, depth)


def depthwise_cases(draws: Draws) -> Cases:
    for channels in LANES:
        for multiplier in (1, draws.between(2, 5)):
            model = drawn_depthwise(draws, channels, multiplier)
            yield f"depthwise {channels} by {multiplier}", model


def dense_cases(draws: Draws) -> Cases:
    for size in LANES:
        for per_channel in (False, True):
            kind = "per channel" if per_channel else "per tensor"
            dense = Dense(draws.lane(), per_channel=per_channel)
            yield f"{size} in {kind}", drawn_dense(draws, (1, size), size, dense)
            dense = Dense(size, per_channel=per_channel)
            depth = draws.lane()
            yield f"{size} out {kind}", drawn_dense(draws, (1, depth), depth, dense)
    for depth in (127, 128, 129, 640):
        yield f"{depth} in", drawn_dense(draws, (1, depth), depth, Dense(8))


def dense_cases_by_rank(draws: Draws) -> Cases:
    """The batch is all that does not fit the weights."""
    for batch in (2, 3, 8):
        yield f"batch {batch}", drawn_dense(draws, (batch, 17), 17, Dense(5))
    yield "image", drawn_dense(draws, (1, 4, 3, 5), 60, Dense(7))
    yield "images", drawn_dense(draws, (2, 4, 3, 5), 60, Dense(7))
    yield "rows of an image", drawn_dense(draws, (1, 4, 3, 5), 15, Dense(7))
    yield "rank 1", drawn_dense(draws, (9,), 9, Dense(4))
    yield "rank 3, kept", drawn_dense(draws, (2, 3, 9), 9, Dense(4, keep_dims=True))
    yield "rank 4, kept", drawn_dense(draws, (1, 2, 3, 9), 9, Dense(4, keep_dims=True))


def asymmetric_dense_cases(draws: Draws) -> Cases:
    for zero_point in (-128, -3, 5, 127):
        dense = Dense(6, weights_zero_point=zero_point)
        yield f"weights around {zero_point}", drawn_dense(draws, (2, 33), 33, dense)


def pool_cases(draws: Draws) -> Cases:
    for name in ("average", "max"):
        for channels in LANES:
            yield f"{name} of {channels} channels", drawn_pool(draws, name, channels)
        for number in range(20):
            yield f"{name} drawn {number}", drawn_pool(draws, name, draws.lane())


def binary_cases(draws: Draws, name: str) -> Cases:
    """`name` is "add", "sub" or "mul"."""
    for size in LANES:
        shape = (draws.between(1, 2), draws.between(1, 4), size)
        yield f"{name} {size}", drawn_binary(draws, name, (shape, shape), None)
    for shapes in BROADCASTS:
        for constant in (None, 0, 1):
            kind = "" if constant is None else f", {('first', 'second')[constant]} constant"
            model = drawn_binary(draws, name, shapes, constant)
            yield f"{name} {shapes[0]} and {shapes[1]}{kind}", model

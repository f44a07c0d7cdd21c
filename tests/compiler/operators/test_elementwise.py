# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""ADD, SUB and MUL against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from support.draws import LANES, Draws
from support.elementwise import binary
from support.operator_suite import OperatorSuite

Shape = tuple[int, ...]
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


# Exponents of two of the scales: usual ones, and ones that differ by more than int8 holds.
USUAL = {"add": (-6.0, -2.0), "sub": (-6.0, -2.0), "mul": (-8.0, -4.0)}
WIDE = (-14.0, 2.0)


def _binary(draws: Draws, name: str, shapes: tuple[Shape, Shape], constant: int | None) -> bytes:
    """`constant` is the index of the constant operand."""
    operands = [
        draws.quantized().operand(shape, draws.int8(shape) if index == constant else None)
        for index, shape in enumerate(shapes)
    ]
    output = draws.quantized(*USUAL[name]).operand(np.broadcast_shapes(*shapes))
    return binary(name, operands[0], operands[1], output, draws.activation())


def _cases() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for name in ("add", "sub", "mul"):
        for size in LANES:
            shape = (draws.between(1, 2), draws.between(1, 4), size)
            yield f"{name} {size}", _binary(draws, name, (shape, shape), None)
        for shapes in BROADCASTS:
            for constant in (None, 0, 1):
                kind = "" if constant is None else f", {('first', 'second')[constant]} constant"
                model = _binary(draws, name, shapes, constant)
                yield f"{name} {shapes[0]} and {shapes[1]}{kind}", model


def _wide() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for name in ("add", "sub", "mul"):
        for number in range(12):
            first, second, output = (draws.quantized(*WIDE).operand((6, 40)) for _ in range(3))
            yield f"{name} of wide scales {number}", binary(name, first, second, output)


CASES = {**dict(_cases()), **dict(_wide())}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) in (["add"], ["subtract"], ["multiply"])

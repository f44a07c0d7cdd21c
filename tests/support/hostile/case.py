# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A model by name, with its answer; and the operands that most of them are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import tflite
from tflite_writer import Options

from support.single_operator import Operand, Quantized, single_operator

Builtin = tflite.BuiltinOperator
INPUT = Quantized(0.05, 3)
OUTPUT = Quantized(0.1, -5)
LOWEST, HIGHEST = -(2**31), 2**31 - 1


@dataclass(frozen=True, eq=False)
class Case:
    """`answer` is one of differential's, or words of the error that refuses the model."""

    name: str
    model: bytes
    answer: str


def constant(dtype: str = "int32", *values: float) -> Operand:
    """A list of numbers as a constant of rank 1."""
    return Operand.constant(list(values), dtype)


def variable(shape: tuple[int, ...], dtype: str = "int32") -> Operand:
    return Operand(shape, dtype)


def weights(shape: tuple[int, ...], axis: int | None = None) -> Operand:
    """int8 constants; one scale, or one a slice along `axis`."""
    random = np.random.default_rng(len(shape))
    count = 1 if axis is None else shape[axis]
    scales = tuple(0.01 + 0.001 * number for number in range(count))
    data = random.integers(-127, 128, shape).astype(np.int8)
    return Operand(shape, "int8", scale=scales, quantized_dimension=axis or 0, data=data)


def bias(count: int, scale: float = 0.0005) -> Operand:
    """With the product of the scales of INPUT and of `weights`."""
    data = 20 * np.arange(count, dtype=np.int32)
    return Operand((count,), "int32", scale=scale, data=data)


def image(*shape: int) -> Operand:
    return INPUT.operand(shape)


def operator(
    builtin: int,
    inputs: list[Operand | None],
    output: Operand,
    table: str | None = None,
    fields: Mapping[str, int | float | list[int]] | None = None,
    *,
    version: int = 2,
) -> bytes:
    options = None if table is None else Options(table, fields or {})
    return single_operator(builtin, inputs, [output], options, version=version)


def with_scale(operand: Operand, scale: float, zero_point: int = 0) -> Operand:
    return replace(operand, scale=scale, zero_point=zero_point)

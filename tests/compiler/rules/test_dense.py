# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Dense layers at the sums where LiteRT's result steps from one number to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tflite
from support.host_model import HostModel, build_library
from support.single_operator import Operand, Quantized, single_operator
from tflite_writer import Options

from microtvm.compiler import CompileOptions, compile_model
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

_DEPTH = 100
Sums = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Case:
    """A layer of the scales; `per_channel` and `has_bias` say how the sums come about."""

    source: float
    weights: float
    output: float
    per_channel: bool
    has_bias: bool

    @property
    def sums(self) -> Sums:
        """On both sides of each step, exact halves among them."""
        real = self.source * self.weights / self.output
        steps = (np.arange(-127, 127) + 0.5) / real
        sums = np.concatenate([np.floor(steps), np.ceil(steps), np.arange(-20, 20)])
        largest = 2**28 if self.has_bias else 127 * 127 * (_DEPTH - 2)
        return np.unique(sums[np.abs(sums) <= largest]).astype(np.int64)

    @property
    def depth(self) -> int:
        return 2 if self.has_bias else _DEPTH


def _cases() -> Iterator[_Case]:
    random = np.random.default_rng(11)
    for number in range(12):
        source, weights = (float(np.float32(x)) for x in random.uniform(0.01, 0.05, 2))
        if number % 3 == 0:
            source, weights = 2.0**-5, 2.0**-7
        power = (
            random.integers(1, 18 if number % 2 else 12)
            if number % 3 == 0
            else random.uniform(1, 18 if number % 2 else 12)
        )
        output = float(np.float32(source * weights * 2.0**power))
        yield _Case(source, weights, output, number % 4 > 1, number % 2 > 0)


CASES = list(_cases())


def _model(case: _Case) -> bytes:
    """One output a sum: the sum is the bias, or comes of inputs of 127 and one of 1."""
    count = len(case.sums)
    scale = (case.weights,) * count if case.per_channel else case.weights
    values = np.zeros((count, case.depth), np.int8) if case.has_bias else _rows(case.sums)
    operands = [
        Quantized(case.source, 0).operand((1, case.depth)),
        Operand(values.shape, "int8", scale, data=values),
    ]
    if case.has_bias:
        product = float(np.float32(case.source) * np.float32(case.weights))
        scales = (product,) * count if case.per_channel else product
        operands.append(Operand((count,), "int32", scales, data=case.sums))
    return single_operator(
        tflite.BuiltinOperator.FULLY_CONNECTED,
        operands,
        [Quantized(case.output, 0).operand((1, count))],
        Options("FullyConnectedOptions"),
        version=5,
    )


def _rows(sums: Sums) -> npt.NDArray[np.int8]:
    """Weights whose products with inputs of 127, and a last one of 1, add up to the sums."""
    rows = np.zeros((len(sums), _DEPTH), np.int8)
    for row, value in zip(rows, np.abs(sums).tolist(), strict=True):
        products, rest = divmod(value, 127)
        full, part = divmod(products, 127)
        row[:full], row[full], row[-1] = 127, part, rest
    return rows * np.sign(sums)[:, np.newaxis].astype(np.int8)


@pytest.mark.parametrize("mcpu", ["cortex-m3", "cortex-m4"])
def test_every_step_is_where_the_reference_has_it(mcpu: str, tmp_path: Path) -> None:
    models = [_model(case) for case in CASES]
    compiled = [
        compile_model(model, CompileOptions(Target(mcpu), f"case_{number}"))
        for number, model in enumerate(models)
    ]
    library = build_library(compiled, tmp_path)
    for case, model, program in zip(CASES, models, compiled, strict=True):
        inputs = np.full((1, case.depth), 127, np.int8)
        inputs[0, -1] = 1
        host, reference = HostModel(program, library), ReferenceModel(model)
        host.run([inputs])
        expected = reference.run([inputs])[reference.outputs[0].index]
        np.testing.assert_array_equal(host.outputs()[0], expected, str(case))


def test_steps_are_among_the_sums() -> None:
    """Else the test above could not fail."""
    for case in CASES:
        real = case.source * case.weights / case.output
        results = np.floor(case.sums * real + 0.5)
        assert (np.diff(results) <= max(1.0, real)).all()
        assert len(np.unique(results)) > 10

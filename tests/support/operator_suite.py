# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Many small models compiled into one library of this machine, and compared with LiteRT's numbers.

The library is built with the sanitizer of undefined behaviour, which reports on standard error.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.compiler.choice import Choose
from microtvm.compiler.program import Program
from microtvm.compiler.schedule import cheapest_schedule
from microtvm.validate.reference import ReferenceModel
from support.host_model import HostModel, build_library

Array = npt.NDArray[Any]
_RANDOM_INPUTS = 4
_EXTREMES = {"int8": (-128, 127), "int16": (-32768, 32767), "float32": (-128.0, 127.0)}
_SANITIZER = ("-fsanitize=undefined", "-ffp-contract=off")


class OperatorSuite:
    """Models by name. One that cannot be compiled fails its own check and no other's."""

    def __init__(
        self, models: Mapping[str, bytes], folder: Path, choose: Choose = cheapest_schedule
    ) -> None:
        self._models = models
        self._compiled: dict[str, CompiledModel] = {}
        self._errors: dict[str, Exception] = {}
        for number, (name, model) in enumerate(models.items()):
            options = CompileOptions(module_name=f"case_{number}")
            try:
                self._compiled[name] = compile_model(model, options, choose=choose)
            except Exception as error:  # told by the check of this model
                self._errors[name] = error
        self._library = build_library(list(self._compiled.values()), folder, _SANITIZER)

    def check(self, name: str, *, tolerance: float = 0.0) -> None:
        """Compares every output on random and on extreme inputs.

        Args:
            tolerance: of float32 outputs, relative and absolute; 0 is bit for bit.
        """
        self._check_on(name, self._inputs(name), tolerance)

    def check_every_byte(self, name: str) -> None:
        """Compares the outputs of a model with one input of 256 elements on all 256 values."""
        tensor = self._program(name).tensors[self._program(name).inputs[0]].tensor
        values = np.arange(-128, 128).astype(np.int8).reshape(tensor.shape)
        self._check_on(name, iter([[values]]), 0.0)

    def _check_on(self, name: str, batches: Iterator[list[Array]], tolerance: float) -> None:
        host = HostModel(self._model(name), self._library)
        reference = ReferenceModel(self._models[name])
        for inputs in batches:
            expected = reference.run(inputs)
            host.run(inputs)
            for detail, output in zip(reference.outputs, host.outputs(), strict=True):
                _compare(output, expected[detail.index], tolerance)

    def operators(self, name: str) -> list[str]:
        """The kinds of the layers that a model became."""
        return [layer.operator for layer in self._program(name).layers]

    def schedules(self, name: str) -> list[str]:
        """By what the layers of a model are computed."""
        return [layer.schedule for layer in self._program(name).layers]

    def _program(self, name: str) -> Program:
        return self._model(name).program

    def _model(self, name: str) -> CompiledModel:
        if name in self._errors:
            raise self._errors[name]
        return self._compiled[name]

    def _inputs(self, name: str) -> Iterator[list[Array]]:
        """Random inputs; then all at the lowest, the highest and the zero point."""
        program = self._program(name)
        tensors = [program.tensors[index].tensor for index in program.inputs]
        generator = np.random.default_rng(zlib.crc32(name.encode()))
        for _ in range(_RANDOM_INPUTS):
            yield [_random(generator, tensor.shape, tensor.dtype) for tensor in tensors]
        for end in (0, 1):
            yield [
                np.full(tensor.shape, _EXTREMES[tensor.dtype][end], tensor.dtype)
                for tensor in tensors
            ]
        yield [np.full(tensor.shape, tensor.zero_point, tensor.dtype) for tensor in tensors]


def _random(generator: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    if dtype != "float32":
        low, high = _EXTREMES[dtype]
        return generator.integers(low, high, shape, dtype=np.dtype(dtype), endpoint=True)
    return generator.normal(0.0, 2.0, shape).astype(np.float32)


def _compare(output: Array, expected: Array, tolerance: float) -> None:
    assert output.dtype == expected.dtype
    if tolerance:
        np.testing.assert_allclose(output, expected, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(output, expected)

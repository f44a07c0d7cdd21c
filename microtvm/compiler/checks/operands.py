# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""One operator of a model as the checks see it; a wrong answer is a ValueError."""

from __future__ import annotations

from typing import Any

import tflite

from microtvm.compiler.model_file import ModelFile, OperatorInfo, TensorInfo


class Operands:
    """An operator's tensors, and its options in the table `options`."""

    def __init__(self, model: ModelFile, operator: OperatorInfo, options: type[Any] | None) -> None:
        self.builtin = operator.builtin
        self._model = model
        self._operator = operator
        self._options = options

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """All but those that are left out."""
        return tuple(self._model.tensors[index] for index in self._operator.inputs if index >= 0)

    @property
    def output(self) -> TensorInfo:
        return self._model.tensors[self._operator.outputs[0]]

    def numbers(
        self, position: int, rank: int = 1, types: tuple[str, ...] = ("int32",)
    ) -> tuple[int, ...]:
        """The integer constant of that rank at `position` among the inputs."""
        tensor = self.inputs[position]
        if tensor.data is None:
            raise ValueError(f"{tensor} is not a constant")
        if tensor.dtype not in types or len(tensor.shape) != rank:
            raise ValueError(f"{tensor} is not a constant {' or '.join(types)} of rank {rank}")
        return tuple(int(number) for number in tensor.data.reshape(-1))

    def option(self, name: str) -> Any:
        """The field of that name in the options' table: a number, or a tuple of them."""
        assert self._options is not None
        options = _read_options(self._operator, self._options)
        try:
            if hasattr(options, f"{name}AsNumpy"):
                values = getattr(options, f"{name}AsNumpy")()
                return () if isinstance(values, int) else tuple(int(value) for value in values)
            return getattr(options, name)()
        except Exception as error:  # whatever the flatbuffer reader runs into on damaged bytes
            raise ValueError(f"its option {name} cannot be read: {error}") from error

    def require_shape(self, shape: tuple[int, ...]) -> None:
        """The output's shape in the file must be the one that TFLite computes."""
        if shape != self.output.shape:
            raise ValueError(f"computes the shape {shape} where the file says {self.output.shape}")


def _read_options(operator: OperatorInfo, kind: type[Any]) -> Any:
    expected = getattr(tflite.BuiltinOptions, kind.__name__)
    try:
        found, table = operator.raw.BuiltinOptionsType(), operator.raw.BuiltinOptions()
        if table is not None and found == expected:
            options = kind()
            options.Init(table.Bytes, table.Pos)
            return options
    except Exception as error:  # whatever the flatbuffer reader runs into on damaged bytes
        raise ValueError(f"its options cannot be read: {error}") from error
    raise ValueError(f"it has no {kind.__name__}")

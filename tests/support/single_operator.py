# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""TFLite models of one operator, from a list of its operands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options, TFLiteWriter

ACTIVATIONS = {
    "none": tflite.ActivationFunctionType.NONE,
    "relu": tflite.ActivationFunctionType.RELU,
    "relu6": tflite.ActivationFunctionType.RELU6,
    "relu_n1_to_1": tflite.ActivationFunctionType.RELU_N1_TO_1,
}
PADDINGS = {"same": tflite.Padding.SAME, "valid": tflite.Padding.VALID}


@dataclass(frozen=True, eq=False)
class Operand:
    """A tensor of the model: an input or output, or a constant where it has data."""

    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: float | Sequence[float] = ()
    zero_point: int | Sequence[int] = ()
    quantized_dimension: int = 0
    data: npt.NDArray[Any] | None = None

    @classmethod
    def constant(cls, data: npt.ArrayLike, dtype: str = "int32") -> Operand:
        """A constant that is not quantised, such as a list of axes."""
        array = np.asarray(data, np.dtype(dtype))
        return cls(array.shape, dtype, data=array)


@dataclass(frozen=True)
class Quantized:
    """A per-tensor scale and zero point; 0 at int16."""

    scale: float = 0.05
    zero_point: int = 3
    dtype: str = "int8"

    def operand(self, shape: Sequence[int], data: npt.NDArray[Any] | None = None) -> Operand:
        return Operand(tuple(shape), self.dtype, self.scale, self.zero_point, data=data)


@dataclass(frozen=True)
class Float32:
    """Stands where a Quantized does, for a float32 tensor."""

    def operand(self, shape: Sequence[int], data: npt.NDArray[Any] | None = None) -> Operand:
        return Operand(tuple(shape), "float32", data=data)


Kind = Quantized | Float32


def single_operator(
    builtin: int,
    inputs: Sequence[Operand | None],
    outputs: Sequence[Operand],
    options: Options | None = None,
    *,
    version: int = 1,
) -> bytes:
    """The model whose inputs are the operands without data; None is an absent optional input."""
    writer = TFLiteWriter()
    sources = [
        -1 if operand is None else add_operand(writer, operand, f"input{i}")
        for i, operand in enumerate(inputs)
    ]
    targets = [add_operand(writer, operand, f"output{i}") for i, operand in enumerate(outputs)]
    writer.add_operator(builtin, sources, targets, options, version=version)
    variable = [
        index
        for index, operand in zip(sources, inputs, strict=True)
        if operand is not None and operand.data is None
    ]
    return writer.finish(variable, targets)


def add_operand(writer: TFLiteWriter, operand: Operand, name: str) -> int:
    """Adds it to a model; returns its index."""
    return writer.add_tensor(
        name,
        operand.shape,
        operand.dtype,
        scale=operand.scale,
        zero_point=operand.zero_point,
        quantized_dimension=operand.quantized_dimension,
        data=operand.data,
    )

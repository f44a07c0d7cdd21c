# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A TFLite model run by LiteRT's reference kernels, with every tensor kept.

LiteRT is the optional extra `microtvm[validate]`. It can end the whole process on a model made to
harm: for a model of unknown origin use `run_isolated`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.errors import MissingExtraError, ModelError

Tensor = npt.NDArray[Any]


@dataclass(frozen=True)
class TensorDetail:
    """An input or output: its index among the file's tensors, and what it holds."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str


class ReferenceModel:
    """Runs one model any number of times."""

    def __init__(self, model: bytes) -> None:
        interpreter_class, reference_kernels = _litert()
        try:
            self._interpreter = interpreter_class(
                model_content=model,
                experimental_op_resolver_type=reference_kernels,
                experimental_preserve_all_tensors=True,
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"LiteRT refuses the model: {_one_line(error)}",
                expected="a .tflite file that LiteRT runs",
            ) from error
        self.inputs = _details(self._interpreter.get_input_details())
        self.outputs = _details(self._interpreter.get_output_details())

    def run(self, inputs: Sequence[Tensor]) -> dict[int, Tensor]:
        """One inference. Returns every tensor that has a value, constants too, by its index."""
        check_inputs(self.inputs, inputs)
        for detail, value in zip(self.inputs, inputs, strict=True):
            self._interpreter.set_tensor(detail.index, value)
        try:
            self._interpreter.invoke()
        except RuntimeError as error:
            raise ModelError(f"LiteRT cannot run the model: {_one_line(error)}") from error
        return self._tensors()

    def _tensors(self) -> dict[int, Tensor]:
        tensors = {}
        for detail in self._interpreter.get_tensor_details():
            index = int(detail["index"])
            try:
                tensors[index] = self._interpreter.get_tensor(index)
            except ValueError:
                # An absent optional tensor, or a kernel's own scratch memory.
                continue
        return tensors


def check_inputs(details: Sequence[TensorDetail], inputs: Sequence[Tensor]) -> None:
    """Raises ModelError unless the arrays have the count, the shapes and the types asked for."""
    if len(inputs) != len(details):
        raise ModelError(f"{len(inputs)} inputs for a model that takes {len(details)}")
    for detail, value in zip(details, inputs, strict=True):
        if value.shape != detail.shape or value.dtype != np.dtype(detail.dtype):
            raise ModelError(
                f"input '{detail.name}' is {value.dtype} of shape {value.shape}",
                expected=f"{detail.dtype} of shape {detail.shape}",
            )


def require_litert() -> None:
    """Raises MissingExtraError if LiteRT is not installed."""
    if importlib.util.find_spec("ai_edge_litert") is None:
        raise MissingExtraError(
            "the reference numbers need LiteRT, which is not installed",
            hint="pip install 'microtvm[validate]'",
        )


def _litert() -> tuple[Any, Any]:
    require_litert()
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    return Interpreter, OpResolverType.BUILTIN_REF


def _details(details: Sequence[Mapping[str, Any]]) -> tuple[TensorDetail, ...]:
    return tuple(
        TensorDetail(
            index=int(detail["index"]),
            name=str(detail["name"]),
            shape=tuple(int(size) for size in detail["shape"]),
            dtype=np.dtype(detail["dtype"]).name,
        )
        for detail in details
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A TFLite model as a Relax function in QDQ form: dequantize, float operator, quantize.

TVM's own front end converts each operator; this module drives it operator by operator, so that each
of the model's tensors is one named Relax variable, and shows it quantised operators as float ones,
so that all of them reach Relax in the one form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm import relax

from microtvm.compiler.checks import SUPPORTED, refusal
from microtvm.compiler.model_file import ModelFile, TensorInfo, read_model
from microtvm.compiler.tflite_converter import FloatViewConverter
from microtvm.errors import ModelError, UnsupportedOperatorError


@dataclass(frozen=True)
class Unsupported:
    """An operator that cannot be compiled, and why."""

    operator: str
    output: str
    reason: str

    def __str__(self) -> str:
        return f"{self.operator} -> {self.output}: {self.reason}"


@dataclass(frozen=True, eq=False)
class ImportedModel:
    """A Relax module in QDQ form.

    Attributes:
        module: tvm.IRModule with one function, `main`, of one dataflow block.
        sources: the model's tensor behind each Relax variable, by the variable's name.
        operators: the name of the operator that writes each of those, by the variable's name.
        unsupported: operators that were left out; their outputs are fresh variables.
    """

    module: Any
    sources: Mapping[str, TensorInfo]
    operators: Mapping[str, str]
    unsupported: tuple[Unsupported, ...]


def unsupported_error(unsupported: tuple[Unsupported, ...]) -> UnsupportedOperatorError:
    """One error that names each operator that cannot be compiled."""
    lines = "".join(f"\n    {entry}" for entry in unsupported)
    count = len(unsupported)
    return UnsupportedOperatorError(
        f"{count} operator{'s' if count != 1 else ''} cannot be compiled:{lines}",
        expected="int8 or int16 (quantised in full) or float32 operators of "
        + ", ".join(sorted(SUPPORTED)).lower(),
        hint="quantise the model to int8 in full, or replace these operators before export",
    )


def import_tflite(data: bytes) -> ImportedModel:
    """Reads the bytes of a .tflite file.

    Raises:
        ModelError: the file is damaged, or has an input or output that no operator here takes.
    """
    model = read_model(data)
    imported = import_model(model)
    if not imported.unsupported:
        _check_interface(model)
    return imported


def _check_interface(model: ModelFile) -> None:
    """An input that nothing reads can have any type still."""
    for index in (*model.inputs, *model.outputs):
        tensor = model.tensors[index]
        if tensor.dtype not in ("int8", "int16", "float32"):
            raise ModelError(
                f"the model's input or output {tensor} is not int8, int16 or float32",
                hint="export the model with inputs and outputs of one of these types",
            )


def import_model(model: ModelFile) -> ImportedModel:
    """Converts a model that was read; operators without a conversion are listed, not raised."""
    builder = relax.BlockBuilder()
    converter = FloatViewConverter(model, builder)
    unsupported: list[Unsupported] = []
    with builder.function("main"):
        with builder.dataflow():
            parameters = [converter.add_input(index) for index in model.inputs]
            for operator in model.operators:
                reason = refusal(model, operator) or converter.convert(operator)
                if reason:
                    outputs = tuple(model.tensors[index] for index in operator.outputs)
                    names = ", ".join(str(tensor) for tensor in outputs)
                    unsupported.append(Unsupported(operator.builtin, names, reason))
                    converter.leave_out(operator)
            result = [converter.output(index) for index in model.outputs]
            returned = builder.emit_output(result[0] if len(result) == 1 else relax.Tuple(result))
        builder.emit_func_output(returned, [*parameters, *converter.left_out])
    return ImportedModel(builder.get(), converter.sources, converter.operators, tuple(unsupported))

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

from microtvm.compiler.model_file import ModelFile, OperatorInfo, TensorInfo, read_model
from microtvm.compiler.tflite_converter import FloatViewConverter
from microtvm.errors import UnsupportedOperatorError

# Operators whose float conversion has been checked against LiteRT. Others are refused: a converter
# that nobody has compared may be wrong in silence.
SUPPORTED = frozenset(
    (
        "ADD",
        "AVERAGE_POOL_2D",
        "CONCATENATION",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "DEQUANTIZE",
        "EXPAND_DIMS",
        "FULLY_CONNECTED",
        "HARD_SWISH",
        "LEAKY_RELU",
        "LOGISTIC",
        "MAX_POOL_2D",
        "MEAN",
        "MUL",
        "PAD",
        "PADV2",
        "QUANTIZE",
        "RELU",
        "RELU6",
        "RELU_0_TO_1",
        "RELU_N1_TO_1",
        "RESHAPE",
        "RESIZE_NEAREST_NEIGHBOR",
        "SOFTMAX",
        "SQUEEZE",
        "STRIDED_SLICE",
        "SUB",
        "TANH",
        "TRANSPOSE",
    )
)


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
        expected="int8 (quantised in full) or float32 operators of "
        + ", ".join(sorted(SUPPORTED)).lower(),
        hint="quantise the model to int8 in full, or replace these operators before export",
    )


def import_tflite(data: bytes) -> ImportedModel:
    """Reads the bytes of a .tflite file.

    Raises:
        ModelError: the file is damaged.
    """
    return import_model(read_model(data))


def import_model(model: ModelFile) -> ImportedModel:
    """Converts a model that was read; operators without a conversion are listed, not raised."""
    builder = relax.BlockBuilder()
    converter = FloatViewConverter(model, builder)
    unsupported: list[Unsupported] = []
    with builder.function("main"):
        with builder.dataflow():
            parameters = [converter.add_input(index) for index in model.inputs]
            for operator in model.operators:
                reason = _refusal(model, operator) or converter.convert(operator)
                if reason:
                    outputs = tuple(model.tensors[index] for index in operator.outputs)
                    names = ", ".join(str(tensor) for tensor in outputs)
                    unsupported.append(Unsupported(operator.builtin, names, reason))
                    converter.leave_out(operator)
            result = [converter.output(index) for index in model.outputs]
            returned = builder.emit_output(result[0] if len(result) == 1 else relax.Tuple(result))
        builder.emit_func_output(returned, [*parameters, *converter.left_out])
    return ImportedModel(builder.get(), converter.sources, converter.operators, tuple(unsupported))


def _refusal(model: ModelFile, operator: OperatorInfo) -> str:
    """Why an operator is refused before conversion, or ""."""
    if operator.builtin not in SUPPORTED:
        return "no conversion for this operator"
    if len(operator.outputs) != 1:
        return f"{len(operator.outputs)} outputs"
    tensors = [
        model.tensors[index] for index in (*operator.inputs, *operator.outputs) if index >= 0
    ]
    activations = [tensor for tensor in tensors if tensor.data is None]
    for tensor in activations:
        if tensor.dtype not in ("int8", "float32"):
            return f"{tensor} is neither int8 nor float32"
        if tensor.dtype == "int8" and len(tensor.scales) != 1:
            return f"{tensor} needs one scale, has {len(tensor.scales)}"
        if tensor.dtype == "int8" and not -128 <= tensor.zero_points[0] <= 127:
            return f"{tensor} has the zero point {tensor.zero_points[0]}"
    mixed = len({tensor.dtype for tensor in activations}) > 1
    if mixed and operator.builtin not in ("QUANTIZE", "DEQUANTIZE"):
        return "mixes int8 and float32 tensors (dynamic range quantisation)"
    return _refused_weights(tensors[1:-1], activations)


def _refused_weights(constants: list[TensorInfo], activations: list[TensorInfo]) -> str:
    integer = any(tensor.dtype == "int8" for tensor in activations)
    for tensor in constants:
        if tensor.data is None:
            continue
        if tensor.dtype in ("uint8", "int16", "float16"):
            return f"the constant {tensor} is neither int8, int32 nor float32"
        if not integer and tensor.dtype == "int8":
            return f"the constant {tensor} is int8 in a float32 operator (dynamic range)"
    return ""

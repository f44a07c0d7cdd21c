# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Writes .tflite files: tensors and operators in, the bytes of a flatbuffer out.

It checks nothing about a model, so that tests can write wrong ones too. Its bytes depend on
nothing but the calls made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import flatbuffers
import numpy as np
import numpy.typing as npt
import tflite

_SCHEMA_VERSION = 3
_FILE_IDENTIFIER = b"TFL3"
_BUFFER_ALIGNMENT = 16
# Operator codes from here on live in `builtin_code` alone; the older byte-wide field holds this.
_PLACEHOLDER_CODE = tflite.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES

_TENSOR_TYPES: Mapping[str, int] = {
    "bool": tflite.TensorType.BOOL,
    "int8": tflite.TensorType.INT8,
    "uint8": tflite.TensorType.UINT8,
    "int16": tflite.TensorType.INT16,
    "int32": tflite.TensorType.INT32,
    "int64": tflite.TensorType.INT64,
    "float16": tflite.TensorType.FLOAT16,
    "float32": tflite.TensorType.FLOAT32,
    "float64": tflite.TensorType.FLOAT64,
}

OptionValue = bool | int | float | Sequence[int]


@dataclass(frozen=True)
class Options:
    """An operator's options: the schema's table name, and its fields in snake case.

    For example `Options("Conv2DOptions", {"stride_w": 1, "stride_h": 1, "padding": Padding.SAME})`.
    """

    table: str
    fields: Mapping[str, OptionValue] = field(default_factory=dict)


@dataclass(frozen=True)
class _Tensor:
    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: tuple[float, ...]
    zero_point: tuple[int, ...]
    quantized_dimension: int
    data: bytes | None


@dataclass(frozen=True)
class _OperatorCode:
    builtin: int
    version: int
    custom_code: str


@dataclass(frozen=True)
class _Operator:
    code: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Options | None


class TFLiteWriter:
    """One model of one subgraph. Tensors are named by the index that `add_tensor` returns."""

    def __init__(self, name: str = "main") -> None:
        self._name = name
        self._tensors: list[_Tensor] = []
        self._operators: list[_Operator] = []
        self._codes: list[_OperatorCode] = []

    def add_tensor(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str,
        *,
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = (),
        quantized_dimension: int = 0,
        data: npt.ArrayLike | bytes | None = None,
    ) -> int:
        """Adds a tensor, a constant if it has `data`, and returns its index.

        A scale without a zero point gets zeros. Several scales make it quantised per channel.
        """
        scales = tuple(float(value) for value in np.atleast_1d(np.asarray(scale, np.float64)))
        points = tuple(int(value) for value in np.atleast_1d(np.asarray(zero_point, np.int64)))
        raw = data if data is None or isinstance(data, bytes) else _constant_bytes(data, dtype)
        self._tensors.append(
            _Tensor(
                name=name,
                shape=tuple(int(size) for size in shape),
                dtype=dtype,
                scale=scales,
                zero_point=points or (0,) * len(scales),
                quantized_dimension=quantized_dimension,
                data=raw,
            )
        )
        return len(self._tensors) - 1

    def add_operator(
        self,
        builtin: int,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Options | None = None,
        *,
        version: int = 1,
        custom_code: str = "",
    ) -> None:
        """Adds an operator (`tflite.BuiltinOperator.X`); an absent optional input is -1."""
        code = _OperatorCode(int(builtin), version, custom_code)
        if code not in self._codes:
            self._codes.append(code)
        self._operators.append(
            _Operator(self._codes.index(code), tuple(inputs), tuple(outputs), options)
        )

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The whole file, with these tensors as the model's inputs and outputs."""
        builder = flatbuffers.Builder(1024)
        buffers = _write_buffers(builder, self._tensors)
        codes = [_write_code(builder, code) for code in self._codes]
        subgraph = self._write_subgraph(builder, inputs, outputs)
        description = builder.CreateString("microtvm")
        code_vector = _offsets(builder, codes)
        subgraph_vector = _offsets(builder, [subgraph])
        buffer_vector = _offsets(builder, buffers)
        tflite.ModelStart(builder)
        tflite.ModelAddVersion(builder, _SCHEMA_VERSION)
        tflite.ModelAddOperatorCodes(builder, code_vector)
        tflite.ModelAddSubgraphs(builder, subgraph_vector)
        tflite.ModelAddDescription(builder, description)
        tflite.ModelAddBuffers(builder, buffer_vector)
        builder.Finish(tflite.ModelEnd(builder), _FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _write_subgraph(
        self, builder: flatbuffers.Builder, inputs: Sequence[int], outputs: Sequence[int]
    ) -> int:
        buffers = _buffer_indices(self._tensors)
        tensors = [
            _write_tensor(builder, tensor, buffer)
            for tensor, buffer in zip(self._tensors, buffers, strict=True)
        ]
        operators = [_write_operator(builder, operator) for operator in self._operators]
        name = builder.CreateString(self._name)
        tensor_vector = _offsets(builder, tensors)
        operator_vector = _offsets(builder, operators)
        input_vector = _numbers(builder, inputs, np.int32)
        output_vector = _numbers(builder, outputs, np.int32)
        tflite.SubGraphStart(builder)
        tflite.SubGraphAddTensors(builder, tensor_vector)
        tflite.SubGraphAddInputs(builder, input_vector)
        tflite.SubGraphAddOutputs(builder, output_vector)
        tflite.SubGraphAddOperators(builder, operator_vector)
        tflite.SubGraphAddName(builder, name)
        return int(tflite.SubGraphEnd(builder))


def _constant_bytes(data: npt.ArrayLike, dtype: str) -> bytes:
    array = np.asarray(data)
    return array.astype(np.dtype(dtype).newbyteorder("<")).tobytes()


def _buffer_indices(tensors: Sequence[_Tensor]) -> list[int]:
    """Buffer 0 is the empty one that all tensors without data share."""
    indices = []
    used = 0
    for tensor in tensors:
        used += tensor.data is not None
        indices.append(used if tensor.data is not None else 0)
    return indices


def _write_buffers(builder: flatbuffers.Builder, tensors: Sequence[_Tensor]) -> list[int]:
    contents = [None, *(tensor.data for tensor in tensors if tensor.data is not None)]
    vectors = [None if data is None else _aligned_bytes(builder, data) for data in contents]
    offsets = []
    for vector in vectors:
        tflite.BufferStart(builder)
        if vector is not None:
            tflite.BufferAddData(builder, vector)
        offsets.append(tflite.BufferEnd(builder))
    return offsets


def _aligned_bytes(builder: flatbuffers.Builder, data: bytes) -> int:
    builder.StartVector(1, len(data), _BUFFER_ALIGNMENT)
    builder.head -= len(data)
    builder.Bytes[builder.head : builder.head + len(data)] = data
    return int(builder.EndVector())


def _write_code(builder: flatbuffers.Builder, code: _OperatorCode) -> int:
    custom = builder.CreateString(code.custom_code) if code.custom_code else None
    tflite.OperatorCodeStart(builder)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(code.builtin, _PLACEHOLDER_CODE))
    tflite.OperatorCodeAddBuiltinCode(builder, code.builtin)
    tflite.OperatorCodeAddVersion(builder, code.version)
    if custom is not None:
        tflite.OperatorCodeAddCustomCode(builder, custom)
    return int(tflite.OperatorCodeEnd(builder))


def _write_tensor(builder: flatbuffers.Builder, tensor: _Tensor, buffer: int) -> int:
    name = builder.CreateString(tensor.name)
    shape = _numbers(builder, tensor.shape, np.int32)
    quantization = _write_quantization(builder, tensor) if tensor.scale else None
    tflite.TensorStart(builder)
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, _TENSOR_TYPES[tensor.dtype])
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, name)
    tflite.TensorAddHasRank(builder, True)
    if quantization is not None:
        tflite.TensorAddQuantization(builder, quantization)
    return int(tflite.TensorEnd(builder))


def _write_quantization(builder: flatbuffers.Builder, tensor: _Tensor) -> int:
    scale = _numbers(builder, tensor.scale, np.float32)
    zero_point = _numbers(builder, tensor.zero_point, np.int64)
    tflite.QuantizationParametersStart(builder)
    tflite.QuantizationParametersAddScale(builder, scale)
    tflite.QuantizationParametersAddZeroPoint(builder, zero_point)
    tflite.QuantizationParametersAddQuantizedDimension(builder, tensor.quantized_dimension)
    return int(tflite.QuantizationParametersEnd(builder))


def _write_operator(builder: flatbuffers.Builder, operator: _Operator) -> int:
    inputs = _numbers(builder, operator.inputs, np.int32)
    outputs = _numbers(builder, operator.outputs, np.int32)
    options = operator.options
    table = None if options is None else _write_options(builder, options)
    tflite.OperatorStart(builder)
    tflite.OperatorAddOpcodeIndex(builder, operator.code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if options is not None and table is not None:
        kind = getattr(tflite.BuiltinOptions, options.table)
        tflite.OperatorAddBuiltinOptionsType(builder, kind)
        tflite.OperatorAddBuiltinOptions(builder, table)
    return int(tflite.OperatorEnd(builder))


def _write_options(builder: flatbuffers.Builder, options: Options) -> int:
    values = {name: _option_value(builder, value) for name, value in options.fields.items()}
    getattr(tflite, f"{options.table}Start")(builder)
    for name, value in values.items():
        getattr(tflite, f"{options.table}Add{_camel_case(name)}")(builder, value)
    return int(getattr(tflite, f"{options.table}End")(builder))


def _option_value(builder: flatbuffers.Builder, value: OptionValue) -> bool | int | float:
    if isinstance(value, bool | int | float):
        return value
    return _numbers(builder, value, np.int32)


def _camel_case(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def _numbers(builder: flatbuffers.Builder, values: Sequence[float], dtype: npt.DTypeLike) -> int:
    return int(builder.CreateNumpyVector(np.asarray(values, dtype=dtype)))


def _offsets(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Reads a .tflite flatbuffer that may be damaged or hostile, into values that are safe to use.

Nothing past this module looks at an index, a length or a name that was not checked here, but for
the options of an operator, which TVM's front end reads.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
import numpy.typing as npt
import tflite

from microtvm.errors import ModelError

# The largest part that the project aims at has 64 MB of external memory.
MAX_FILE_BYTES = MAX_TENSOR_BYTES = MAX_CONSTANT_BYTES = 64 * 1024 * 1024
MAX_RANK = 6
# What a few bytes of a file can ask for is bounded too: entries of tables may overlap.
MAX_TENSORS = 8192
MAX_OPERATORS = 2048
MAX_OPERANDS = 1024
MAX_SCALES = 4096
MAX_NAME = 256
_SCHEMA_VERSION = 3
# Where a table of the operator codes lists its field builtin_code.
_BUILTIN_CODE_FIELD = 10
_HINT = "is the file whole? export the model again with the TFLite converter"

_DTYPES = {
    tflite.TensorType.FLOAT32: "float32",
    tflite.TensorType.FLOAT16: "float16",
    tflite.TensorType.INT32: "int32",
    tflite.TensorType.UINT8: "uint8",
    tflite.TensorType.INT64: "int64",
    tflite.TensorType.STRING: "string",
    tflite.TensorType.BOOL: "bool",
    tflite.TensorType.INT16: "int16",
    tflite.TensorType.COMPLEX64: "complex64",
    tflite.TensorType.INT8: "int8",
}
_BUILTINS = {
    code: name
    for name, code in vars(tflite.BuiltinOperator).items()
    if isinstance(code, int) and not name.startswith("_")
}


@dataclass(frozen=True, eq=False)
class TensorInfo:
    """One tensor of the file.

    Attributes:
        scales, zero_points: empty where the tensor is not quantised; one entry, or one a slice
            along `axis`.
        data: the value of a constant in `shape`, or None.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    data: npt.NDArray[Any] | None

    @property
    def quantized(self) -> bool:
        return bool(self.scales) and self.dtype in ("int8", "uint8", "int16", "int32", "int64")

    def __str__(self) -> str:
        shape = "x".join(str(dimension) for dimension in self.shape) or "scalar"
        kind = "quantised " if self.quantized else ""
        return f"{self.name!r} ({kind}{self.dtype} {shape})"


@dataclass(frozen=True, eq=False)
class OperatorInfo:
    """One operator of the file; inputs may hold -1 for one that is left out."""

    builtin: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    raw: Any


@dataclass(frozen=True, eq=False)
class ModelFile:
    """A model's main graph. `raw` and `raw_graph` are the tflite package's own views of it."""

    raw: Any
    raw_graph: Any
    tensors: tuple[TensorInfo, ...]
    operators: tuple[OperatorInfo, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_model(data: bytes) -> ModelFile:
    """Checks and reads the bytes of a .tflite file.

    Raises:
        ModelError: the bytes are not a TFLite model, are damaged, or describe a graph that cannot
            run (an index out of range, a tensor read before it is written, a constant of the
            wrong length).
    """
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(
            f"the model file has {len(data)} bytes",
            expected=f"at most {MAX_FILE_BYTES}, which is more than a microcontroller holds",
        )
    if len(data) < 8 or data[4:8] != b"TFL3":
        raise ModelError(
            f"not a TFLite model: the {len(data)} bytes do not carry the mark 'TFL3'",
            expected="a .tflite file (schema version 3)",
            hint=_HINT,
        )
    try:
        model = _read(data)
    except ModelError:
        raise
    except struct.error as error:
        found = "damaged TFLite model: it ends before a part that it refers to"
        raise ModelError(found, hint=_HINT) from error
    except Exception as error:  # whatever the flatbuffer reader runs into on damaged bytes
        raise ModelError(f"damaged TFLite model: {error}", hint=_HINT) from error
    _check_order(model)
    return model


def _read(data: bytes) -> ModelFile:
    raw = tflite.Model.GetRootAs(data, 0)
    _require(raw.Version() == _SCHEMA_VERSION, f"its schema has version {raw.Version()}, not 3")
    if raw.SubgraphsLength() != 1:
        raise ModelError(
            f"the model has {raw.SubgraphsLength()} graphs",
            expected="one graph, without control flow",
        )
    graph = raw.Subgraphs(0)
    _require_few(graph.TensorsLength(), MAX_TENSORS, "tensors")
    _require_few(graph.OperatorsLength(), MAX_OPERATORS, "operators")
    tensors = tuple(_tensors(raw, graph))
    operators = tuple(
        _operator(raw, graph.Operators(index), len(tensors))
        for index in range(graph.OperatorsLength())
    )
    return ModelFile(
        raw=raw,
        raw_graph=graph,
        tensors=tensors,
        operators=operators,
        inputs=_indices(graph.InputsAsNumpy(), len(tensors)),
        outputs=_indices(graph.OutputsAsNumpy(), len(tensors)),
    )


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise ModelError(f"damaged TFLite model: {found}", hint=_HINT)


def _require_few(count: int, most: int, what: str) -> None:
    _require(0 <= count <= most, f"{count} {what}, where {most} are supported")


def _indices(values: Any, limit: int, *, optional: bool = False) -> tuple[int, ...]:
    if isinstance(values, int):  # the reader's word for a vector that is not there
        return ()
    _require_few(len(values), MAX_OPERANDS, "inputs or outputs")
    result = tuple(int(value) for value in values)
    lowest = -1 if optional else 0
    for value in result:
        _require(lowest <= value < limit, f"tensor {value} of {limit}")
    return result


def _operator(raw: Any, operator: Any, tensor_count: int) -> OperatorInfo:
    code = operator.OpcodeIndex()
    _require(0 <= code < raw.OperatorCodesLength(), f"operator code {code}")
    entry = raw.OperatorCodes(code)
    builtin = _builtin_code(entry)
    name = _BUILTINS.get(builtin, f"operator number {builtin}")
    if name == "CUSTOM":
        custom = (entry.CustomCode() or b"?").decode("utf-8", "replace")
        name = f"custom operator {custom[:64]!r}"
    return OperatorInfo(
        builtin=name,
        inputs=_indices(operator.InputsAsNumpy(), tensor_count, optional=True),
        outputs=_indices(operator.OutputsAsNumpy(), tensor_count),
        raw=operator,
    )


def _builtin_code(entry: Any) -> int:
    """The larger of the two fields, as TFLite has it; the package's own BuiltinCode() has another
    rule."""
    table = entry._tab
    place = table.Offset(_BUILTIN_CODE_FIELD)
    code = table.Get(flatbuffers.number_types.Int32Flags, place + table.Pos) if place else 0
    return max(int(entry.DeprecatedBuiltinCode()), int(code))


def _tensors(raw: Any, graph: Any) -> Iterator[TensorInfo]:
    """Stops early where tensors that share bytes would take more memory than any file has."""
    total = 0
    for index in range(graph.TensorsLength()):
        tensor = _tensor(raw, graph, index)
        total += 0 if tensor.data is None else int(tensor.data.nbytes)
        _require(total <= MAX_CONSTANT_BYTES, f"constants of more than {MAX_CONSTANT_BYTES} bytes")
        yield tensor


def _tensor(raw: Any, graph: Any, index: int) -> TensorInfo:
    tensor = graph.Tensors(index)
    name = (tensor.Name() or b"")[:MAX_NAME].decode("utf-8", "replace") or f"tensor_{index}"
    dtype = _DTYPES.get(tensor.Type(), f"type {tensor.Type()}")
    _require(tensor.ShapeLength() <= MAX_RANK, f"tensor {name!r} of rank {tensor.ShapeLength()}")
    shape = tuple(int(tensor.Shape(axis)) for axis in range(tensor.ShapeLength()))
    scales, zero_points, axis = _quantization(tensor, name)
    return TensorInfo(
        index=index,
        name=name,
        shape=shape,
        dtype=dtype,
        scales=scales,
        zero_points=zero_points,
        axis=axis,
        data=_constant(raw, tensor, name, shape, dtype),
    )


def _quantization(tensor: Any, name: str) -> tuple[tuple[float, ...], tuple[int, ...], int]:
    parameters = tensor.Quantization()
    if parameters is None or parameters.ScaleLength() == 0:
        return (), (), 0
    _require_few(parameters.ScaleLength(), MAX_SCALES, f"scales of tensor {name!r}")
    scales = tuple(float(scale) for scale in parameters.ScaleAsNumpy())
    if scales == (0.0,):  # old converters write this beside tensors that are not quantised
        return (), (), 0
    _require(
        all(np.isfinite(scale) and scale > 0 for scale in scales),
        f"a scale of tensor {name!r} is not a positive number",
    )
    count = parameters.ZeroPointLength()
    _require(count in (0, 1, len(scales)), f"tensor {name!r} has {count} zero points")
    points = [int(point) for point in parameters.ZeroPointAsNumpy()] if count else [0]
    if len(points) == 1:
        points *= len(scales)
    _require(all(abs(point) < 2**31 for point in points), f"a zero point of tensor {name!r}")
    # Old converters leave an axis on per-tensor scales that the tensor does not have.
    axis = int(parameters.QuantizedDimension()) if len(scales) > 1 else 0
    return scales, tuple(points), axis


def _constant(
    raw: Any, tensor: Any, name: str, shape: tuple[int, ...], dtype: str
) -> npt.NDArray[Any] | None:
    buffer = tensor.Buffer()
    _require(0 <= buffer < raw.BuffersLength(), f"buffer {buffer} of tensor {name!r}")
    content = raw.Buffers(buffer)
    if buffer == 0 or content.DataLength() == 0 or dtype not in _DTYPES.values():
        return None
    if dtype in ("string", "complex64"):
        return None
    _require(tensor.Sparsity() is None, f"tensor {name!r} is sparse, which is not supported")
    _require(all(dimension >= 0 for dimension in shape), f"tensor {name!r} of shape {shape}")
    size = _size_bytes(shape, dtype)
    _require(
        content.DataLength() == size,
        f"constant {name!r} has {content.DataLength()} bytes where its shape needs {size}",
    )
    values = np.frombuffer(content.DataAsNumpy().tobytes(), dtype=np.dtype(dtype))
    return values.reshape(shape)


def _size_bytes(shape: tuple[int, ...], dtype: str) -> int:
    size = np.dtype(dtype).itemsize
    for dimension in shape:
        size *= dimension
    return size


def _check_order(model: ModelFile) -> None:
    """Every tensor is written once, before it is read, and has a size that fits a device."""
    known = {tensor.index for tensor in model.tensors if tensor.data is not None}
    for index in model.inputs:
        _require(index not in known, f"input {model.tensors[index]} is listed twice or constant")
        known.add(index)
        _check_size(model.tensors[index])
    for operator in model.operators:
        for index in operator.inputs:
            _require(
                index < 0 or index in known,
                f"{operator.builtin} reads {model.tensors[index]} before anything wrote it",
            )
        for index in operator.outputs:
            _require(index not in known, f"two operators write {model.tensors[index]}")
            known.add(index)
            _check_size(model.tensors[index])
    for index in model.outputs:
        tensor = model.tensors[index]
        _require(index in known and tensor.data is None, f"no operator writes the output {tensor}")
    whole = bool(model.inputs) and bool(model.outputs) and bool(model.operators)
    _require(whole, "the graph computes nothing of an input")


def _check_size(tensor: TensorInfo) -> None:
    _require(
        all(dimension > 0 for dimension in tensor.shape),
        f"tensor {tensor} has a dimension that is unknown or empty",
    )
    if tensor.dtype not in ("string",) and not tensor.dtype.startswith("type"):
        _require(
            _size_bytes(tensor.shape, tensor.dtype) <= MAX_TENSOR_BYTES,
            f"tensor {tensor} is larger than {MAX_TENSOR_BYTES} bytes",
        )

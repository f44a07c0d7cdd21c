# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""TVM's TFLite operator converter, shown a float model.

Each quantised tensor that an operator reads appears to TVM's converter as the float32 expression
`dequantize(tensor)`, and what the converter returns is quantised once. This leaves out all of TVM's
own handling of quantised operators, which refuses some, truncates averages and keys tensors by
names that need not be unique.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import tflite
from tvm import relax
from tvm.relax.frontend.tflite.tflite_frontend import ExprTable, OperatorConverter, TensorWrapper

from microtvm.compiler.model_file import ModelFile, OperatorInfo, TensorInfo
from microtvm.compiler.nearest import source_indices
from microtvm.compiler.rescales import power_of_two_shifts
from microtvm.compiler.slice_bounds import SliceArguments, slice_ranges

_TYPES = frozenset(("bool", "float32", "int8", "int16", "int32", "int64", "uint8"))


class FloatViewConverter(OperatorConverter):
    """Converts a model's operators one by one into a Relax block builder.

    Attributes:
        sources: the model's tensor behind each emitted variable, by the variable's name.
        operators: the builtin that wrote it, likewise.
        left_out: variables that stand for the outputs of operators that could not be converted.
    """

    def __init__(self, model: ModelFile, builder: Any) -> None:
        super().__init__(model.raw, model.raw_graph, ExprTable(), builder)
        self.file = model
        self.variables: dict[int, Any] = {}
        self.sources: dict[str, TensorInfo] = {}
        self.operators: dict[str, str] = {}
        self.left_out: list[Any] = []
        self.convert_map["ADD"] = partial(self._addition, relax.op.add, tflite.AddOptions)
        self.convert_map["SUB"] = partial(self._addition, relax.op.subtract, tflite.SubOptions)
        self.convert_map["FULLY_CONNECTED"] = self._fully_connected
        self.convert_map["SOFTMAX"] = self._softmax
        self.convert_map["STRIDED_SLICE"] = self._strided_slice
        self.convert_map["RESIZE_NEAREST_NEIGHBOR"] = self._resize_nearest
        self.convert_map["QUANTIZE"] = self._pass_through
        self.convert_map["DEQUANTIZE"] = self._pass_through
        self.convert_map["RESHAPE"] = self._to_declared_shape
        self.convert_map["SQUEEZE"] = self._to_declared_shape
        self.convert_map["EXPAND_DIMS"] = self._to_declared_shape

    def add_input(self, index: int) -> Any:
        """Makes the parameter for a model input."""
        return self._new_variable(index)

    def output(self, index: int) -> Any:
        """The variable of a model output; a constant becomes a constant."""
        tensor = self.file.tensors[index]
        if index in self.variables:
            return self.variables[index]
        return relax.const(tensor.data, tensor.dtype)

    def leave_out(self, operator: OperatorInfo) -> None:
        """Makes fresh variables for an operator's outputs, so that the rest can be looked at."""
        for index in operator.outputs:
            self.left_out.append(self._new_variable(index))

    def convert(self, operator: OperatorInfo) -> str:
        """Emits one operator. Returns why it could not, or ""."""
        tensor = self.file.tensors[operator.outputs[0]]
        try:
            value = self.bb.normalize(self.convert_map[operator.builtin](op=operator.raw))
        except Exception as error:  # TVM's converters raise whatever they run into
            return f"TVM's front end: {_last_words(error)}"
        shape = tuple(int(dimension) for dimension in value.ty.shape)
        if shape != tensor.shape:
            return f"computes the shape {shape} where the file says {tensor.shape}"
        if tensor.quantized:
            value = relax.op.quantize(
                value,
                relax.const(np.float32(tensor.scales[0]), "float32"),
                relax.const(tensor.zero_points[0], "int32"),
                axis=0,
                out_dtype=tensor.dtype,
            )
        self._bind(tensor, self.bb.emit(value, name_hint=f"t{tensor.index}"))
        self.operators[self.variables[tensor.index].name] = operator.builtin
        return ""

    def _new_variable(self, index: int) -> Any:
        tensor = self.file.tensors[index]
        # Of another type no operator is converted, but all are looked at.
        dtype = tensor.dtype if tensor.dtype in _TYPES else "float32"
        variable = relax.Var(f"t{index}", relax.TensorType(tensor.shape, dtype))
        self._bind(tensor, variable)
        return variable

    def _bind(self, tensor: TensorInfo, variable: Any) -> None:
        self.variables[tensor.index] = variable
        self.sources[variable.name] = tensor

    # What TVM's converters ask of this class, by the names that they use.

    def get_tensors(self, tensors_idx_list: Any) -> list[TensorWrapper]:
        """Without optional ones left out at the end, such as a bias, which TVM's would look at."""
        indices = [int(index) for index in self._indices_or_empty(tensors_idx_list)]
        while indices and indices[-1] < 0:
            indices.pop()
        return [self._wrapper(index) for index in indices]

    def _wrapper(self, index: int) -> TensorWrapper:
        if index < 0:
            return TensorWrapper(index, 0, 0)
        tensor = self.subgraph.Tensors(index)
        return TensorWrapper(index, tensor, self.model.Buffers(tensor.Buffer()))

    def has_expr(self, input_tensor_idx: int) -> bool:
        tensor = self.file.tensors[input_tensor_idx]
        return tensor.data is None or tensor.quantized

    def get_expr(self, input_tensor_idx: int) -> Any:
        tensor = self.file.tensors[input_tensor_idx]
        if tensor.data is None:
            value = self.variables[tensor.index]
        else:
            value = relax.const(tensor.data, tensor.dtype)
        if not tensor.quantized:
            return value
        scales = np.array(tensor.scales, np.float32)
        if tensor.dtype == "int64":  # which Relax's dequantize does not take
            product = relax.op.multiply(relax.op.astype(value, "float32"), relax.const(scales))
            return self.bb.normalize(product)
        return self.bb.normalize(
            relax.op.dequantize(
                value,
                relax.const(scales if scales.size > 1 else scales[0], "float32"),
                relax.const(tensor.zero_points[0], "int32"),
                axis=tensor.axis if scales.size > 1 else 0,
            )
        )

    def get_tensor_value(self, tensor_wrapper: TensorWrapper, is_sparse: bool = False) -> Any:
        tensor = self.file.tensors[tensor_wrapper.tensor_idx]
        if tensor.data is None:
            raise ValueError(f"{tensor} is not a constant")
        if not tensor.quantized or tensor.dtype == "int32":
            return tensor.data
        real = tensor.data.astype(np.float32) - np.float32(tensor.zero_points[0])
        return (real * np.float32(tensor.scales[0])).astype(np.float32)

    def _pass_through(self, op: Any) -> Any:
        return self.get_tensor_expr(self.get_input_tensors(op)[0])

    def _to_declared_shape(self, op: Any) -> Any:
        source = self.get_tensor_expr(self.get_input_tensors(op)[0])
        shape = self.file.tensors[self.get_output_tensors(op)[0].tensor_idx].shape
        return relax.op.reshape(source, shape)

    def _addition(self, combine: Any, kind: Any, op: Any) -> Any:
        """ADD or SUB, with TFLite's form for int16 scales that are powers of two, in which operands
        are brought to the output's scale before they are added."""
        tensors = [self.file.tensors[part.tensor_idx] for part in self.get_input_tensors(op)]
        output = self.file.tensors[self.get_output_tensors(op)[0].tensor_idx]
        operands = [self.get_tensor_expr(part) for part in self.get_input_tensors(op)]
        options = _options(op, kind)
        if output.dtype == "int16" and options.PotScaleInt16():
            scales = [tensor.scales[0] for tensor in (*tensors, output)]
            if power_of_two_shifts(*scales) is not None:
                pairs = zip(operands, tensors, strict=True)
                operands = [_at_scale_of(output, value, tensor) for value, tensor in pairs]
        total = combine(*operands)
        return self.convert_fused_activation_function(total, options.FusedActivationFunction())

    def _fully_connected(self, op: Any) -> Any:
        """Any rank of input; TVM's own takes rank 2 alone."""
        data, weights, *bias = self.get_input_tensors(op)
        outputs, depth = (int(n) for n in self.get_tensor_shape(weights))
        rows = self.get_tensor_expr(data)
        if len(rows.ty.shape) != 2 or int(rows.ty.shape[1]) != depth:
            rows = relax.op.reshape(rows, (-1, depth))
        columns = relax.op.permute_dims(self.get_tensor_expr(weights), [1, 0])
        result = relax.op.matmul(rows, columns)
        if bias and bias[0].tensor_idx >= 0:
            result = relax.op.add(result, self.get_tensor_expr(bias[0]))
        options = _options(op, tflite.FullyConnectedOptions)
        result = self.convert_fused_activation_function(result, options.FusedActivationFunction())
        shape = self.file.tensors[self.get_output_tensors(op)[0].tensor_idx].shape
        if len(shape) == 2 or shape[-1] != outputs:
            return result
        return relax.op.reshape(result, shape)

    def _softmax(self, op: Any) -> Any:
        """With TFLite's beta, which TVM's own leaves out."""
        data = self.get_tensor_expr(self.get_input_tensors(op)[0])
        beta = _options(op, tflite.SoftmaxOptions).Beta()
        if beta != 1.0:
            data = relax.op.multiply(data, relax.const(beta, "float32"))
        return relax.op.nn.softmax(data, axis=-1)

    def _strided_slice(self, op: Any) -> Any:
        """With TFLite's clamping and all its masks."""
        data, *lists = self.get_input_tensors(op)
        options = _options(op, tflite.StridedSliceOptions)
        if options.Offset():
            raise ValueError("a slice whose end is relative to its begin")
        begin, end, strides = (self.get_tensor_value(part).tolist() for part in lists)
        arguments = SliceArguments(
            begin,
            end,
            strides,
            begin_mask=options.BeginMask(),
            end_mask=options.EndMask(),
            ellipsis_mask=options.EllipsisMask(),
            new_axis_mask=options.NewAxisMask(),
            shrink_axis_mask=options.ShrinkAxisMask(),
        )
        shape = self.file.tensors[data.tensor_idx].shape
        ranges = slice_ranges(shape, arguments)
        taken = relax.op.strided_slice(
            self.get_tensor_expr(data),
            axes=list(range(len(shape))),
            begin=[part.begin for part in ranges],
            end=[part.end(size) for part, size in zip(ranges, shape, strict=True)],
            strides=[part.stride for part in ranges],
        )
        output = self.file.tensors[self.get_output_tensors(op)[0].tensor_idx]
        return relax.op.reshape(taken, output.shape)

    def _resize_nearest(self, op: Any) -> Any:
        """As two gathers: TVM's own resize rounds some positions another way than TFLite."""
        options = _options(op, tflite.ResizeNearestNeighborOptions)
        if options.AlignCorners() and options.HalfPixelCenters():
            raise ValueError("align_corners and half_pixel_centers exclude each other")
        data, size = self.get_input_tensors(op)
        before = self.file.tensors[data.tensor_idx].shape
        result = self.get_tensor_expr(data)
        for axis, target in zip((1, 2), self.get_tensor_value(size).tolist(), strict=True):
            indices = source_indices(
                before[axis],
                target,
                align_corners=options.AlignCorners(),
                half_pixel_centers=options.HalfPixelCenters(),
            )
            rows = relax.const(np.array(indices, np.int32), "int32")
            result = relax.op.take(result, rows, axis=axis, mode="clip")
        return result


def _at_scale_of(output: TensorInfo, value: Any, tensor: TensorInfo) -> Any:
    """A real number as it is once it has been quantised as `output` is."""
    if tensor.scales == output.scales:
        return value
    scale = relax.const(np.float32(output.scales[0]), "float32")
    zero = relax.const(0, "int32")
    quantized = relax.op.quantize(value, scale, zero, axis=0, out_dtype=output.dtype)
    return relax.op.dequantize(quantized, scale, zero, axis=0)


def _last_words(error: Exception) -> str:
    """The last line of an error that says something, cut short."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    return said[-1][:200] if said else type(error).__name__


def _options(op: Any, kind: Any) -> Any:
    """An operator's options as the table `kind` of the tflite package."""
    table = op.BuiltinOptions()
    if table is None:
        raise ValueError("the operator has no options")
    options = kind()
    options.Init(table.Bytes, table.Pos)
    return options

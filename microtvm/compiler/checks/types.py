# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The types and the quantisation of an operator's tensors."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.model_file import TensorInfo

# The zero points of the integer types of activations: at int16 TFLite has scales alone.
_ZERO_POINTS = {"int8": (-128, 127), "int16": (0, 0)}
_CONVERSIONS = frozenset(("QUANTIZE", "DEQUANTIZE"))
# They move or compare bytes without a look at the scales.
_ONE_QUANTIZATION = frozenset(
    (
        *("AVERAGE_POOL_2D", "CONCATENATION", "EXPAND_DIMS", "MAX_POOL_2D", "PAD", "PADV2"),
        *("RESHAPE", "RESIZE_NEAREST_NEIGHBOR", "SQUEEZE", "STRIDED_SLICE", "TRANSPOSE"),
    )
)
_PER_CHANNEL = frozenset(("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"))
_INT16 = frozenset(
    (
        *("ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "DEQUANTIZE"),
        *("EXPAND_DIMS", "FULLY_CONNECTED", "MAX_POOL_2D", "MUL", "PAD", "PADV2", "QUANTIZE"),
        *("RESHAPE", "RESIZE_NEAREST_NEIGHBOR", "SQUEEZE", "STRIDED_SLICE", "SUB", "TRANSPOSE"),
    )
)


def check_types(operands: Operands) -> None:
    """Activations are all of one type; constants go with them."""
    activations = [tensor for tensor in operands.inputs if tensor.data is None]
    if not activations:
        raise ValueError("it reads constants alone")
    for tensor in (*activations, operands.output):
        _check_activation(tensor, operands)
    types = dict.fromkeys(tensor.dtype for tensor in (*activations, operands.output))
    if len(types) > 1 and operands.builtin not in _CONVERSIONS:
        raise ValueError(f"mixes {' and '.join(types)} tensors")
    for tensor in operands.inputs:
        if tensor.data is not None:
            _check_constant(tensor, operands)
        if tensor.dtype in _ZERO_POINTS and operands.builtin in _ONE_QUANTIZATION:
            _check_same_quantization(tensor, operands.output)


def check_conversion(operands: Operands) -> None:
    """QUANTIZE makes an integer, DEQUANTIZE makes float32 from one."""
    pair = (operands.inputs[0].dtype, operands.output.dtype)
    known = [("float32", "int8"), ("int8", "int8"), ("float32", "int16")]
    if operands.builtin == "DEQUANTIZE":
        known = [("int8", "float32"), ("int16", "float32")]
    if pair not in known:
        raise ValueError(f"from {pair[0]} to {pair[1]}")
    operands.require_shape(operands.inputs[0].shape)


def _check_activation(tensor: TensorInfo, operands: Operands) -> None:
    if tensor.dtype not in (*_ZERO_POINTS, "float32"):
        raise ValueError(f"{tensor} is not int8, int16 or float32")
    if tensor.dtype == "int16" and operands.builtin not in _INT16:
        raise ValueError(f"{tensor} is int16, at which this operator is not supported")
    if tensor.dtype in _ZERO_POINTS:
        _check_one_scale(tensor)


def _check_one_scale(tensor: TensorInfo) -> None:
    if len(tensor.scales) != 1:
        raise ValueError(f"{tensor} needs one scale, has {len(tensor.scales)}")
    lowest, highest = _ZERO_POINTS[tensor.dtype]
    if not lowest <= tensor.zero_points[0] <= highest:
        raise ValueError(f"{tensor} has the zero point {tensor.zero_points[0]}")


def _check_same_quantization(source: TensorInfo, output: TensorInfo) -> None:
    if (source.scales, source.zero_points) != (output.scales, output.zero_points):
        raise ValueError(f"its input {source} has not the output's scale and zero point")


def _check_constant(tensor: TensorInfo, operands: Operands) -> None:
    if tensor.dtype not in (*_ZERO_POINTS, "int32", "int64", "float32"):
        raise ValueError(f"the constant {tensor} is not int8, int16, int32 or float32")
    output = operands.output.dtype
    if tensor.dtype in _ZERO_POINTS and output == "float32":
        found = f"{tensor.dtype} in a float32 operator (dynamic range quantisation)"
        raise ValueError(f"the constant {tensor} is {found}")
    if tensor.dtype == "float32" and output != "float32":
        raise ValueError(f"the constant {tensor} is float32 in an {output} operator")
    if tensor.dtype == "float32" and not np.isfinite(np.asarray(tensor.data)).all():
        raise ValueError(f"the constant {tensor} has numbers that are not finite")
    if tensor.dtype in _ZERO_POINTS and operands.builtin not in _PER_CHANNEL:
        if tensor.dtype != output:
            raise ValueError(f"the constant {tensor} is {tensor.dtype} in an {output} operator")
        _check_one_scale(tensor)

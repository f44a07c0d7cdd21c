# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The types and the quantisation of an operator's tensors."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.model_file import TensorInfo

_INT8 = (-128, 127)
_CONVERSIONS = frozenset(("QUANTIZE", "DEQUANTIZE"))
# They move or compare bytes without a look at the scales.
_ONE_QUANTIZATION = frozenset(
    (
        *("AVERAGE_POOL_2D", "CONCATENATION", "EXPAND_DIMS", "MAX_POOL_2D", "PAD", "PADV2"),
        *("RESHAPE", "RESIZE_NEAREST_NEIGHBOR", "SQUEEZE", "STRIDED_SLICE", "TRANSPOSE"),
    )
)
_PER_CHANNEL = frozenset(("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"))


def check_types(operands: Operands) -> None:
    """Activations are all int8 with one scale, or all float32; constants go with them."""
    activations = [tensor for tensor in operands.inputs if tensor.data is None]
    if not activations:
        raise ValueError("it reads constants alone")
    for tensor in (*activations, operands.output):
        _check_activation(tensor)
    types = {tensor.dtype for tensor in (*activations, operands.output)}
    if len(types) > 1 and operands.builtin not in _CONVERSIONS:
        raise ValueError("mixes int8 and float32 tensors (dynamic range quantisation)")
    for tensor in operands.inputs:
        if tensor.data is not None:
            _check_constant(tensor, operands)
        if tensor.dtype == "int8" and operands.builtin in _ONE_QUANTIZATION:
            _check_same_quantization(tensor, operands.output)


def check_conversion(operands: Operands) -> None:
    """QUANTIZE makes int8, DEQUANTIZE makes float32 from int8."""
    pair = (operands.inputs[0].dtype, operands.output.dtype)
    known = [("float32", "int8"), ("int8", "int8")]
    if pair not in (known if operands.builtin == "QUANTIZE" else [("int8", "float32")]):
        raise ValueError(f"from {pair[0]} to {pair[1]}")
    operands.require_shape(operands.inputs[0].shape)


def _check_activation(tensor: TensorInfo) -> None:
    if tensor.dtype not in ("int8", "float32"):
        raise ValueError(f"{tensor} is neither int8 nor float32")
    if tensor.dtype == "int8":
        _check_one_scale(tensor)


def _check_one_scale(tensor: TensorInfo) -> None:
    if len(tensor.scales) != 1:
        raise ValueError(f"{tensor} needs one scale, has {len(tensor.scales)}")
    if not _INT8[0] <= tensor.zero_points[0] <= _INT8[1]:
        raise ValueError(f"{tensor} has the zero point {tensor.zero_points[0]}")


def _check_same_quantization(source: TensorInfo, output: TensorInfo) -> None:
    if (source.scales, source.zero_points) != (output.scales, output.zero_points):
        raise ValueError(f"its input {source} has not the output's scale and zero point")


def _check_constant(tensor: TensorInfo, operands: Operands) -> None:
    if tensor.dtype not in ("int8", "int32", "int64", "float32"):
        raise ValueError(f"the constant {tensor} is neither int8, int32 nor float32")
    integer = operands.output.dtype == "int8"
    if tensor.dtype == "int8" and not integer:
        raise ValueError(f"the constant {tensor} is int8 in a float32 operator (dynamic range)")
    if tensor.dtype == "float32" and integer:
        raise ValueError(f"the constant {tensor} is float32 in an int8 operator")
    if tensor.dtype == "float32" and not np.isfinite(np.asarray(tensor.data)).all():
        raise ValueError(f"the constant {tensor} has numbers that are not finite")
    if tensor.dtype == "int8" and operands.builtin not in _PER_CHANNEL:
        _check_one_scale(tensor)

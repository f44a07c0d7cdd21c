# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators and fused activations."""

from __future__ import annotations

import math

import numpy as np
import tflite

from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.model_file import TensorInfo
from microtvm.compiler.rescales import power_of_two_shifts

_Fused = tflite.ActivationFunctionType
_FUSED = frozenset((_Fused.NONE, _Fused.RELU, _Fused.RELU_N1_TO_1, _Fused.RELU6))

_SOFTMAX_SCALE = 1 / 256
_SOFTMAX_ZERO_POINT = -128


def check_activation(operands: Operands) -> None:
    """The options' fused activation is a clamp."""
    fused = operands.option("FusedActivationFunction")
    if fused not in _FUSED:
        raise ValueError(f"its fused activation, number {fused}, is not of the relu family")


def check_binary(operands: Operands) -> None:
    """Two tensors of one type, whose shapes broadcast as numpy's do."""
    check_activation(operands)
    for tensor in operands.inputs:
        if tensor.dtype != operands.output.dtype:
            raise ValueError(f"its input {tensor} is not {operands.output.dtype}")
    try:
        shape = np.broadcast_shapes(*(tensor.shape for tensor in operands.inputs))
    except ValueError as error:
        shapes = " and ".join(str(tensor.shape) for tensor in operands.inputs)
        raise ValueError(f"the shapes {shapes} do not go together") from error
    operands.require_shape(shape)
    if operands.output.dtype == "int16" and operands.builtin != "MUL":
        _check_power_of_two(operands)


def _check_power_of_two(operands: Operands) -> None:
    """Scales that are powers of two take another form, which has no broadcasting."""
    tensors = (*operands.inputs, operands.output)
    if not operands.option("PotScaleInt16"):
        return
    shifts = power_of_two_shifts(*(tensor.scales[0] for tensor in tensors))
    if shifts is not None and any(tensor.shape != operands.output.shape for tensor in tensors):
        raise ValueError("it broadcasts tensors whose scales are powers of two (pot_scale_int16)")


def check_same_shape(operands: Operands) -> None:
    operands.require_shape(operands.inputs[0].shape)


def check_leaky_relu(operands: Operands) -> None:
    alpha = operands.option("Alpha")
    if not math.isfinite(alpha):
        raise ValueError(f"its slope is {alpha}")
    check_same_shape(operands)


def check_softmax(operands: Operands) -> None:
    beta = operands.option("Beta")
    if not (math.isfinite(beta) and beta > 0.0):
        raise ValueError(f"its beta is {beta}")
    if not operands.inputs[0].shape:
        raise ValueError("it is of a scalar")
    check_same_shape(operands)
    if operands.output.dtype == "int8":
        _check_softmax_output(operands.output)


def _check_softmax_output(output: TensorInfo) -> None:
    """The one output that TFLite's fixed-point form gives, within the error of scale it allows."""
    off = abs(output.scales[0] - _SOFTMAX_SCALE) > 0.001 * _SOFTMAX_SCALE
    if off or output.zero_points != (_SOFTMAX_ZERO_POINT,):
        found = f"its output has the scale {output.scales[0]:g} and the zero point"
        raise ValueError(f"{found} {output.zero_points[0]}, not 1/256 and -128")

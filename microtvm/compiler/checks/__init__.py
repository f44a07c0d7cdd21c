# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator of a model must satisfy before TVM's front end sees it.

A file may hold anything: what is let through here has options of its own kind, constants where they
must be, values in range, and the output shape that TFLite computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import tflite

from microtvm.compiler.checks.activations import (
    check_binary,
    check_leaky_relu,
    check_same_shape,
    check_softmax,
)
from microtvm.compiler.checks.lists import (
    check_concatenation,
    check_mean,
    check_pad,
    check_pad_value,
    check_resize,
    check_transpose,
)
from microtvm.compiler.checks.operands import Operands
from microtvm.compiler.checks.reshapes import (
    check_expand_dims,
    check_reshape,
    check_squeeze,
    check_strided_slice,
)
from microtvm.compiler.checks.types import check_conversion, check_types
from microtvm.compiler.checks.weights import check_convolution, check_dense, check_depthwise
from microtvm.compiler.checks.windows import check_pool
from microtvm.compiler.model_file import ModelFile, OperatorInfo

# Scheduling takes time with the square of this.
_MANY = 64


@dataclass(frozen=True)
class _Check:
    """Fewest and most inputs, the table of the options if they matter, and the questions to ask."""

    fewest: int
    most: int
    options: type[Any] | None
    questions: Callable[[Operands], None]


# Operators whose float conversion has been checked against LiteRT. Others are refused: a converter
# that nobody has compared may be wrong in silence.
_CHECKS: Mapping[str, _Check] = {
    "ADD": _Check(2, 2, tflite.AddOptions, check_binary),
    "AVERAGE_POOL_2D": _Check(1, 1, tflite.Pool2DOptions, check_pool),
    "CONCATENATION": _Check(1, _MANY, tflite.ConcatenationOptions, check_concatenation),
    "CONV_2D": _Check(2, 3, tflite.Conv2DOptions, check_convolution),
    "DEPTHWISE_CONV_2D": _Check(2, 3, tflite.DepthwiseConv2DOptions, check_depthwise),
    "DEQUANTIZE": _Check(1, 1, None, check_conversion),
    "EXPAND_DIMS": _Check(2, 2, None, check_expand_dims),
    "FULLY_CONNECTED": _Check(2, 3, tflite.FullyConnectedOptions, check_dense),
    "HARD_SWISH": _Check(1, 1, None, check_same_shape),
    "LEAKY_RELU": _Check(1, 1, tflite.LeakyReluOptions, check_leaky_relu),
    "LOGISTIC": _Check(1, 1, None, check_same_shape),
    "MAX_POOL_2D": _Check(1, 1, tflite.Pool2DOptions, check_pool),
    "MEAN": _Check(2, 2, tflite.ReducerOptions, check_mean),
    "MUL": _Check(2, 2, tflite.MulOptions, check_binary),
    "PAD": _Check(2, 2, None, check_pad),
    "PADV2": _Check(3, 3, None, check_pad_value),
    "QUANTIZE": _Check(1, 1, None, check_conversion),
    "RELU": _Check(1, 1, None, check_same_shape),
    "RELU6": _Check(1, 1, None, check_same_shape),
    "RELU_0_TO_1": _Check(1, 1, None, check_same_shape),
    "RELU_N1_TO_1": _Check(1, 1, None, check_same_shape),
    "RESHAPE": _Check(1, 2, tflite.ReshapeOptions, check_reshape),
    "RESIZE_NEAREST_NEIGHBOR": _Check(2, 2, tflite.ResizeNearestNeighborOptions, check_resize),
    "SOFTMAX": _Check(1, 1, tflite.SoftmaxOptions, check_softmax),
    "SQUEEZE": _Check(1, 1, tflite.SqueezeOptions, check_squeeze),
    "STRIDED_SLICE": _Check(4, 4, tflite.StridedSliceOptions, check_strided_slice),
    "SUB": _Check(2, 2, tflite.SubOptions, check_binary),
    "TANH": _Check(1, 1, None, check_same_shape),
    "TRANSPOSE": _Check(2, 2, None, check_transpose),
}
SUPPORTED = frozenset(_CHECKS)


def refusal(model: ModelFile, operator: OperatorInfo) -> str:
    """Why an operator is refused before conversion, or ""."""
    check = _CHECKS.get(operator.builtin)
    if check is None:
        return "no conversion for this operator"
    try:
        operands = Operands(model, operator, check.options)
        _check_counts(operator, check)
        check_types(operands)
        check.questions(operands)
    except ValueError as error:
        return str(error)
    return ""


def _check_counts(operator: OperatorInfo, check: _Check) -> None:
    if len(operator.outputs) != 1:
        raise ValueError(f"{len(operator.outputs)} outputs")
    inputs = list(operator.inputs)
    if check.most == 3 and inputs and inputs[-1] < 0:  # a bias that is left out
        inputs.pop()
    if not check.fewest <= len(inputs) <= check.most:
        raise ValueError(f"{len(inputs)} inputs")
    if -1 in inputs:
        raise ValueError(f"input {inputs.index(-1)} is left out")

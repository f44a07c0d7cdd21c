# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""One TIR function an operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from microtvm.compiler import operators
from microtvm.compiler.computes.add import define_add
from microtvm.compiler.computes.average_pool2d import define_average_pool2d
from microtvm.compiler.computes.concatenate import define_concatenate
from microtvm.compiler.computes.convolution import define_conv2d, define_depthwise_conv2d
from microtvm.compiler.computes.dense import define_dense
from microtvm.compiler.computes.dequantize import define_dequantize
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.computes.look_up import define_look_up
from microtvm.compiler.computes.max_pool2d import define_max_pool2d
from microtvm.compiler.computes.mean import define_mean
from microtvm.compiler.computes.multiply import define_multiply
from microtvm.compiler.computes.pad import define_pad
from microtvm.compiler.computes.quantize import define_quantize
from microtvm.compiler.computes.reshape import define_reshape
from microtvm.compiler.computes.resize_nearest import define_resize_nearest
from microtvm.compiler.computes.softmax import define_softmax
from microtvm.compiler.computes.strided_slice import define_strided_slice
from microtvm.compiler.computes.transpose import define_transpose
from microtvm.compiler.operators import Operator, Tensor, TirOperator

Define = Callable[[Any, Sequence[Tensor]], LayerFunction]


def _keep(operator: TirOperator, tensors: Sequence[Tensor]) -> LayerFunction:
    name = operator.name.replace(".", "_")
    return LayerFunction(name=name, function=operator.function, constants=(), headers=("math.h",))


DEFINITIONS: Mapping[type[Operator], Define] = {
    operators.Add: define_add,
    operators.AveragePool2D: define_average_pool2d,
    operators.Concatenate: define_concatenate,
    operators.Conv2D: define_conv2d,
    operators.Dense: define_dense,
    operators.DepthwiseConv2D: define_depthwise_conv2d,
    operators.Dequantize: define_dequantize,
    operators.LookUp: define_look_up,
    operators.MaxPool2D: define_max_pool2d,
    operators.Mean: define_mean,
    operators.Multiply: define_multiply,
    operators.Pad: define_pad,
    operators.Quantize: define_quantize,
    operators.Reshape: define_reshape,
    operators.ResizeNearest: define_resize_nearest,
    operators.Softmax: define_softmax,
    operators.StridedSlice: define_strided_slice,
    operators.TirOperator: _keep,
    operators.Transpose: define_transpose,
}


def legalize(operator: Operator, tensors: Sequence[Tensor]) -> LayerFunction:
    """The operator's definition, before it has a schedule."""
    return DEFINITIONS[type(operator)](operator, tensors)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates of an operator, as MLPerf Tiny counts them."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.operators import (
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Operator,
    Tensor,
    TirOperator,
)


def macs(operator: Operator, tensors: Sequence[Tensor]) -> int:
    """Products that are added to a sum, padding included; 0 for operators without any."""
    outputs = tensors[operator.output].elements
    if isinstance(operator, Conv2D):
        return outputs * int(operator.weights[0].size)
    if isinstance(operator, DepthwiseConv2D):
        height, width = operator.window.size
        return outputs * height * width
    if isinstance(operator, Dense):
        return outputs * int(operator.weights.shape[1])
    if isinstance(operator, TirOperator):
        return _float_macs(operator, tensors, outputs)
    return 0


def _float_macs(operator: TirOperator, tensors: Sequence[Tensor], outputs: int) -> int:
    """A float convolution or product has one constant of rank 2 or 4: its weights."""
    if operator.name not in ("conv_2d", "depthwise_conv_2d", "fully_connected"):
        return 0
    weights = [tensors[index] for index in operator.inputs if tensors[index].data is not None]
    kernels = [tensor for tensor in weights if len(tensor.shape) in (2, 4) and tensor.elements > 1]
    channels = tensors[operator.output].shape[-1]
    return outputs * (kernels[0].elements // channels) if kernels else 0

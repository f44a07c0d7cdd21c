# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the plain loops of each operator do how often."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.macs import macs
from microtvm.compiler.operators import (
    AveragePool2D,
    Concatenate,
    Conv2D,
    DepthwiseConv2D,
    Dequantize,
    MaxPool2D,
    Mean,
    Operator,
    Pad,
    Quantize,
    Reshape,
    ResizeNearest,
    Softmax,
    StridedSlice,
    Tensor,
    Transpose,
)
from microtvm.compiler.schedules.rule import BlockSizes, Work

# What takes about as long for any type.
_MOVES = (
    *(Concatenate, Dequantize, Pad, Quantize),
    *(Reshape, ResizeNearest, StridedSlice, Transpose),
)


def plain_work(operator: Operator, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    """Outputs, and what is done for each: products, window elements, rows of a kernel."""
    output = tensors[operator.output]
    terms = {"output": output.elements, "mac": macs(operator, tensors), **_inner(operator, tensors)}
    kind = operator.kind
    if not isinstance(operator, _MOVES):
        kind = f"{kind}_{output.dtype}"
    return {"call": 1, **{f"{kind}_{term}": count for term, count in terms.items() if count}}


def _inner(operator: Operator, tensors: Sequence[Tensor]) -> Work:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    if isinstance(operator, AveragePool2D | MaxPool2D):
        height, width = operator.window.size
        return {"row": output.elements * height, "element": output.elements * height * width}
    if isinstance(operator, Mean):
        return {"element": source.elements}
    if isinstance(operator, Softmax):
        return {"row": output.elements // output.shape[-1]}
    if isinstance(operator, Conv2D):
        height, width = operator.window.size
        padded = any(operator.window.padding)
        taps = output.elements * height * width
        return {"row": output.elements * height, "tap": taps, "padded_tap": taps * padded}
    if isinstance(operator, DepthwiseConv2D):
        rows = output.elements * operator.window.size[0]
        padded_macs = macs(operator, tensors) * any(operator.window.padding)
        return {"row": rows, "padded_mac": padded_macs}
    return {}

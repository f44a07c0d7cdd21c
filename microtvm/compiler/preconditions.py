# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator must be, besides its kind, for a micro-kernel: None, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.operators import Conv2D, Dense, Operator, Tensor, Window
from microtvm.compiler.products import covered_taps

_POINTWISE = Window(size=(1, 1))


def has_int8_data(operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    """Whether what it reads and writes is int8."""
    dtypes = {tensors[index].dtype for index in (*operator.inputs, operator.output)}
    return None if dtypes == {"int8"} else f"takes int8, not {', '.join(sorted(dtypes))}"


def is_vectors(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> str | None:
    """Whether each output vector is made from all of one input, in the order in which it lies."""
    reason = has_int8_data(operator, tensors)
    if reason is not None or isinstance(operator, Dense):
        return reason
    if operator.groups > 1:
        return "takes no groups"
    if tensors[operator.output].shape[1:3] != (1, 1):
        return "takes one output pixel"
    _, height, width, _ = tensors[operator.inputs[0]].shape
    taps = [len(covered_taps(operator, tensors, axis)) for axis in (0, 1)]
    return None if taps == [height, width] else "takes windows that cover the image"


def is_product(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> str | None:
    """Whether it is a matrix product of all its pixels as they lie in memory."""
    reason = has_int8_data(operator, tensors)
    if reason is not None:
        return reason
    if isinstance(operator, Dense):
        # A weight less its zero point may need nine bits.
        return "takes weights of zero point 0" if operator.weights_zero_point else None
    if operator.window != _POINTWISE:
        return "takes 1x1 windows without stride or padding"
    return "takes no groups" if operator.groups > 1 else None

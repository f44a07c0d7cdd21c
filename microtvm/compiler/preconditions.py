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
    return _has_data("int8", operator, tensors)


def has_int16_data(operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    """Whether what it reads and writes is int16."""
    return _has_data("int16", operator, tensors)


def _has_data(dtype: str, operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    dtypes = {tensors[index].dtype for index in (*operator.inputs, operator.output)}
    return None if dtypes == {dtype} else f"takes {dtype}, not {', '.join(sorted(dtypes))}"


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


def is_int16_vector(operator: Dense, tensors: Sequence[Tensor]) -> str | None:
    """Whether it is one vector times weights, which stream past it."""
    batch = tensors[operator.output].elements // len(operator.weights)
    return is_int16_product(operator, tensors) or (
        None if batch == 1 else f"takes one vector, not {batch}"
    )


def is_int16_product(operator: Dense, tensors: Sequence[Tensor]) -> str | None:
    """Whether it is a matrix product of vectors as they lie in memory."""
    reason = "takes weights of zero point 0" if operator.weights_zero_point else None
    return has_int16_data(operator, tensors) or reason


def is_int16_pair(operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    """Whether both operands have one element for each of the output."""
    counts = {tensors[index].elements for index in (*operator.inputs, operator.output)}
    reason = None if len(counts) == 1 else "takes operands of the output's shape"
    return has_int16_data(operator, tensors) or reason

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator must be, besides its kind, for a micro-kernel: None, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.operators import Conv2D, Dense, DepthwiseConv2D, Operator, Tensor, Window

_POINTWISE = Window(size=(1, 1))


def has_int8_data(operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    """Whether what it reads and writes is int8."""
    dtypes = {tensors[index].dtype for index in (*operator.inputs, operator.output)}
    return None if dtypes == {"int8"} else f"takes int8, not {', '.join(sorted(dtypes))}"


def is_single_vector(operator: Dense, tensors: Sequence[Tensor]) -> str | None:
    batch = tensors[operator.output].elements // len(operator.weights)
    return has_int8_data(operator, tensors) or (
        None if batch == 1 else f"takes one vector, not {batch}"
    )


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


def is_batch_of_one(operator: Conv2D | DepthwiseConv2D, tensors: Sequence[Tensor]) -> str | None:
    batch = tensors[operator.output].shape[0]
    return has_int8_data(operator, tensors) or (
        None if batch == 1 else f"takes one image, not {batch}"
    )


def is_ungrouped_image(operator: Conv2D, tensors: Sequence[Tensor]) -> str | None:
    if operator.groups > 1:
        return "takes no groups"
    return is_batch_of_one(operator, tensors)

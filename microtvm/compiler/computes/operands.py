# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What operators of several tensors are built from: parameters, and elements as real multiples."""

from __future__ import annotations

from typing import Any

from tvm import te

from microtvm.compiler.computes.expressions import requantize
from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.operators import Tensor


def parameter(name: str, tensor: Tensor, shape: tuple[int, ...] | None = None) -> Any:
    """The buffer of `tensor`, seen in another shape if one is given."""
    return te.placeholder(tensor.shape if shape is None else shape, tensor.dtype, name=name)


def centred(value: Any, zero_point: int) -> Any:
    """How many units of its scale an element is, as an int32."""
    return value.astype("int32") - zero_point


def rescaled(value: Any, rescale: FixedPoint) -> Any:
    return requantize(value, rescale.multiplier, rescale.shift)

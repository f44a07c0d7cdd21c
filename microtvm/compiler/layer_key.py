# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which layers are the same but for the tensors that they read and write, as stripes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.operators import Operator, Tensor, Window

_VALUES = (int, float, str, tuple, Window, FixedPoint)


def layer_key(operator: Operator, tensors: Sequence[Tensor]) -> tuple[Any, ...]:
    """Equal for operators of the same weights on tensors of the same shapes and scales.

    Arrays count by what object they are, so a key is good as long as the network is there.
    """
    values = [
        _identity(getattr(operator, field.name))
        for field in fields(operator)
        if field.name not in ("inputs", "output")
    ]
    around = [tensors[index] for index in (*operator.inputs, operator.output)]
    sizes = [(t.shape, t.dtype, t.zero_point, t.scale, id(t.data)) for t in around]
    # Two inputs that are one tensor are not as two of the same shape.
    places = [operator.inputs.index(index) for index in operator.inputs]
    return (type(operator), *values, *sizes, *places)


def _identity(value: Any) -> Any:
    return value if isinstance(value, _VALUES) else id(value)

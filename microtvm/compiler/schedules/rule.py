# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A way to compute a layer: when it can be used, what it is, and how its loops are ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import tensorize
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions


@dataclass(frozen=True)
class ScheduleRule:
    """One entry of the list that a layer's schedule is chosen from.

    Attributes:
        name: what the layer list shows.
        applies: whether the rule can take an operator for a target.
        define: the operator as TIR over constants packed as the schedule wants them.
        apply: orders the loops of that TIR; the result has the same parameters.
    """

    name: str
    applies: Callable[[Operator, Sequence[Tensor], CompileOptions], bool]
    define: Callable[[Any, Sequence[Tensor], CompileOptions], LayerFunction]
    apply: Callable[[LayerFunction], Any]


def tensorize_layer(layer: LayerFunction) -> Any:
    """Puts the layer's micro-kernel in the place of its block."""
    assert layer.intrinsic is not None
    return tensorize(layer.function, layer.intrinsic)

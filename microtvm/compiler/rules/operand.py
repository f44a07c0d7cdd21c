# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the rules of operators that keep their input's scale have in common."""

from __future__ import annotations

from typing import Any

from microtvm.compiler.operators import Tensor
from microtvm.compiler.qdq import Site


def operand_of_same_scale(site: Site, expression: Any) -> int | None:
    """The int8 tensor under a dequantize, if it has the output's scale and zero point.

    TFLite moves bytes without a look at the scales, so other models have two meanings.
    """
    source = site.graph.dequantized(expression)
    if source is None or not _same_scale(site.graph.tensors[source], site.tensor):
        return None
    return source


def _same_scale(first: Tensor, second: Tensor) -> bool:
    return (first.scale, first.zero_point) == (second.scale, second.zero_point)

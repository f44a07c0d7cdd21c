# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What an operator without weights must be for a micro-kernel: None, or why it cannot."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.broadcast import collapse_broadcast
from microtvm.compiler.operators import Add, Multiply, Tensor
from microtvm.compiler.preconditions import has_int8_data


def is_binary_rows(operator: Add | Multiply, tensors: Sequence[Tensor]) -> str | None:
    """Whether its operands are rows that differ in no more than two dimensions."""
    shapes = collapse_broadcast(*(tensors[index].shape for index in operator.inputs))
    rank = len(shapes.output)
    return has_int8_data(operator, tensors) or (
        None if rank <= 2 else f"takes operands broadcast along two dimensions, not {rank}"
    )

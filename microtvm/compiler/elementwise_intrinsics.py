# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The micro-kernels of operators without weights, part of the table of intrinsic_table.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from microtvm.compiler.elementwise_preconditions import is_binary_rows
from microtvm.compiler.intrinsics import Intrinsic, Precondition
from microtvm.compiler.meanings.binary import binary_kernel
from microtvm.compiler.meanings.kernel_function import (
    KernelFunction,
    kernel_definition,
    kernel_meaning,
)
from microtvm.compiler.operators import Add, Multiply, Operator


def _row(
    name: str,
    header: str,
    operators: tuple[type[Operator], ...],
    precondition: Precondition,
    kernel: Callable[[Any], KernelFunction],
) -> Intrinsic:
    """Of a kernel whose definition and meaning are made from one description."""
    return Intrinsic(
        symbol=f"microtvm_{name}",
        header=f"microtvm/kernels/{header}",
        operators=operators,
        precondition=precondition,
        definition=lambda sizes: kernel_definition(kernel(sizes)),
        meaning=lambda sizes: kernel_meaning(kernel(sizes)),
    )


ELEMENTWISE: Mapping[str, Intrinsic] = {
    "add_s8": _row("add", "add_s8.h", (Add,), is_binary_rows, binary_kernel),
    "multiply_s8": _row("multiply", "multiply_s8.h", (Multiply,), is_binary_rows, binary_kernel),
}

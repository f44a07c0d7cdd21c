# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The micro-kernels of operators without weights, part of the table of intrinsic_table.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from microtvm.compiler.elementwise_preconditions import (
    is_binary_rows,
    is_border,
    is_mean_of_neighbours,
    is_pool,
    is_short_concatenation,
)
from microtvm.compiler.intrinsics import Intrinsic, Precondition
from microtvm.compiler.meanings.binary import binary_kernel
from microtvm.compiler.meanings.kernel_function import (
    KernelFunction,
    kernel_definition,
    kernel_meaning,
)
from microtvm.compiler.meanings.pool import pool_kernel
from microtvm.compiler.meanings.rows import (
    concatenate_kernel,
    copy_kernel,
    look_up_kernel,
    mean_kernel,
    pad_kernel,
    softmax_kernel,
)
from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Concatenate,
    LookUp,
    MaxPool2D,
    Mean,
    Multiply,
    Operator,
    Pad,
    Reshape,
    Softmax,
)
from microtvm.compiler.preconditions import has_int8_data


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


def _int8(
    name: str, header: str, operator: type[Operator], kernel: Callable[[Any], KernelFunction]
) -> Intrinsic:
    """Of a kernel that takes any operator of its kind."""
    return _row(name, header, (operator,), has_int8_data, kernel)


ELEMENTWISE: Mapping[str, Intrinsic] = {
    "add_s8": _row("add", "add_s8.h", (Add,), is_binary_rows, binary_kernel),
    "multiply_s8": _row("multiply", "multiply_s8.h", (Multiply,), is_binary_rows, binary_kernel),
    "average_pool_s8": _row(
        "average_pool_s8", "average_pool_s8.h", (AveragePool2D,), is_pool, pool_kernel
    ),
    "average_pool_rows_s8": _row(
        "average_pool_rows_s8", "average_pool_rows_s8.h", (AveragePool2D,), is_pool, pool_kernel
    ),
    "max_pool_s8": _row("max_pool_s8", "max_pool_s8.h", (MaxPool2D,), is_pool, pool_kernel),
    "max_pool_rows_s8": _row(
        "max_pool_rows_s8", "max_pool_rows_s8.h", (MaxPool2D,), is_pool, pool_kernel
    ),
    "mean_s8": _row("mean_s8", "mean_s8.h", (Mean,), is_mean_of_neighbours, mean_kernel),
    "look_up_s8": _int8("look_up_s8", "look_up_s8.h", LookUp, look_up_kernel),
    "copy_s8": _int8("copy_s8", "move_s8.h", Reshape, copy_kernel),
    "concatenate_s8": _row(
        "concatenate_s8", "move_s8.h", (Concatenate,), is_short_concatenation, concatenate_kernel
    ),
    "pad_s8": _row("pad_s8", "move_s8.h", (Pad,), is_border, pad_kernel),
    "softmax_s8": _int8("softmax_s8", "softmax_s8.h", Softmax, softmax_kernel),
}

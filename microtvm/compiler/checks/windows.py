# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sliding windows: strides, dilations, sizes and padding."""

from __future__ import annotations

import tflite

from microtvm.compiler.checks.activations import check_activation
from microtvm.compiler.checks.operands import Operands

# LiteRT's limit for strides and dilations.
_LARGEST_STEP = 2**15 - 1
# A device would go through the whole window for each output, padding included.
_LARGEST_WINDOW = 2**16
_LARGEST_EXTENT = 2**20
_PADDINGS = frozenset((tflite.Padding.SAME, tflite.Padding.VALID))


def check_pool(operands: Operands) -> None:
    check_rank(operands.inputs[0].shape, 4, "its input")
    size = (operands.option("FilterHeight"), operands.option("FilterWidth"))
    check_window(operands, size)
    # The sum of more int16 elements, and half their count, leaves 32 bits.
    if operands.output.dtype == "int16" and size[0] * size[1] == _LARGEST_WINDOW:
        raise ValueError(f"its window of {size[0]} by {size[1]} is too large for int16")


def check_window(
    operands: Operands, size: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> None:
    """The options that convolutions and pools share, and a window of `size`."""
    strides = (operands.option("StrideH"), operands.option("StrideW"))
    for what, pair in (("strides", strides), ("dilation", dilation)):
        if not all(1 <= step <= _LARGEST_STEP for step in pair):
            raise ValueError(f"its {what} are {pair[0]} and {pair[1]}")
    if min(size) < 1 or size[0] * size[1] > _LARGEST_WINDOW:
        raise ValueError(f"its window is {size[0]} by {size[1]}")
    if any((n - 1) * step >= _LARGEST_EXTENT for n, step in zip(size, dilation, strict=True)):
        raise ValueError(f"its window of {size[0]} by {size[1]} is dilated by {dilation}")
    if operands.option("Padding") not in _PADDINGS:
        raise ValueError(f"its padding, number {operands.option('Padding')}, is not known")
    check_activation(operands)


def check_rank(shape: tuple[int, ...], rank: int, what: str) -> None:
    if len(shape) != rank:
        raise ValueError(f"{what} has rank {len(shape)}, not {rank}")

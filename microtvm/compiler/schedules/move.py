# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Operators that only move bytes: words are copied where source and target lie alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from microtvm.compiler.access_order import element_wise_order
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.rows import ConcatenateMeaning, PadMeaning
from microtvm.compiler.operators import Concatenate, Pad, Reshape, Tensor
from microtvm.compiler.overlap import element_wise_overlaps
from microtvm.compiler.schedules.kernel_layer import called_layer
from microtvm.compiler.schedules.rows_overlap import (
    concatenate_order,
    concatenate_overlaps,
    pad_order,
    pad_overlap,
)
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
    no_scratch,
)

_COPY, _CONCATENATE, _PAD = (INTRINSICS[name] for name in ("copy_s8", "concatenate_s8", "pad_s8"))


def _bytes(widths: Sequence[int], count: int) -> dict[str, int]:
    """`count` bytes in rows of any of `widths`, as words or not."""
    return {"bytes" if any(width % 4 for width in widths) else "word_bytes": count}


def _copy_work(operator: Reshape, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    return {"call": 1, "word_bytes": tensors[operator.output].elements}


def _define_copy(operator: Reshape, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    count = tensors[operator.output].elements
    return called_layer("reshape", _COPY, (count,), _COPY.symbol, (count,))


def _concatenated(operator: Concatenate, tensors: Sequence[Tensor]) -> ConcatenateMeaning:
    rows = math.prod(tensors[operator.output].shape[: operator.axis])
    widths = (tensors[index].elements // rows for index in operator.inputs)
    return ConcatenateMeaning(rows, tuple(widths))


def _concatenate_work(operator: Concatenate, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    sizes = _concatenated(operator, tensors)
    moved = _bytes(sizes.widths if sizes.rows > 1 else (), tensors[operator.output].elements)
    return {"call": 1, "row": sizes.rows * len(sizes.widths), **moved}


def _define_concatenate(
    operator: Concatenate, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    sizes = _concatenated(operator, tensors)
    symbol = f"{_CONCATENATE.symbol}_{len(sizes.widths)}"
    arguments = (sizes.rows, *sizes.widths)
    return called_layer("concatenate", _CONCATENATE, (sizes,), symbol, arguments)


def _padded(operator: Pad, tensors: Sequence[Tensor]) -> PadMeaning:
    """The dimensions with a border as rows and bytes of a row; those without one join theirs."""
    shape = tensors[operator.inputs[0]].shape
    widths = zip(operator.before, operator.after, strict=True)
    borders = [axis for axis, width in enumerate(widths) if any(width)] or [0]
    # Rows begin at the first border, bytes of a row at the last one; a single one is of bytes.
    first, last = borders[0] if len(borders) > 1 else 0, borders[-1]
    between = math.prod(shape[first + 1 : last]) if first < last else 0
    inner = math.prod(shape[last + 1 :])
    return PadMeaning(
        shape=(math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:])),
        before=(operator.before[first] * between, operator.before[last] * inner),
        after=(operator.after[first] * between, operator.after[last] * inner),
        value=operator.value,
    )


def _pad_work(operator: Pad, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    sizes = _padded(operator, tensors)
    widths = (sizes.shape[2], sizes.before[1], sizes.after[1])
    moved = _bytes(widths, tensors[operator.output].elements)
    return {"call": 1, "row": sizes.shape[0] * sizes.shape[1], **moved}


def _define_pad(operator: Pad, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    sizes = _padded(operator, tensors)
    (top, left), (bottom, right) = sizes.before, sizes.after
    arguments = (*sizes.shape, top, bottom, left, right, sizes.value)
    return called_layer("pad", _PAD, (sizes,), _PAD.symbol, arguments)


COPY = kernel_rule(
    name="copy",
    intrinsic=_COPY,
    work=_copy_work,
    define=_define_copy,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
    scratch=no_scratch,
)
CONCATENATE = kernel_rule(
    name="copy_rows",
    intrinsic=_CONCATENATE,
    work=_concatenate_work,
    define=_define_concatenate,
    overlaps=lambda operator, tensors, _: concatenate_overlaps(_concatenated(operator, tensors)),
    order=lambda operator, tensors, _: concatenate_order(_concatenated(operator, tensors)),
    scratch=no_scratch,
)
PAD = kernel_rule(
    name="pad_rows",
    intrinsic=_PAD,
    work=_pad_work,
    define=_define_pad,
    overlaps=lambda operator, tensors, _: (pad_overlap(_padded(operator, tensors)),),
    order=lambda operator, tensors, _: pad_order(_padded(operator, tensors)),
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of operators that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options

from support.single_operator import Operand, single_operator

Builtin = tflite.BuiltinOperator


def pad(source: Operand, paddings: Sequence[Sequence[int]], value: int | None = None) -> bytes:
    """PAD, or PADV2 if there is a value, which is quantised as the input is."""
    shape = tuple(
        size + before + after for size, (before, after) in zip(source.shape, paddings, strict=True)
    )
    inputs = [source, Operand.constant(paddings)]
    output = replace(source, shape=shape)
    if value is None:
        return single_operator(Builtin.PAD, inputs, [output], Options("PadOptions"), version=2)
    inputs.append(replace(source, shape=(1,), data=np.array([value], source.dtype)))
    return single_operator(Builtin.PADV2, inputs, [output], Options("PadV2Options"), version=2)


def concatenation(sources: Sequence[Operand], axis: int) -> bytes:
    """All sources have the first one's scale; `axis` may be negative."""
    shape = list(sources[0].shape)
    shape[axis] = sum(source.shape[axis] for source in sources)
    return single_operator(
        Builtin.CONCATENATION,
        sources,
        [replace(sources[0], shape=tuple(shape), data=None)],
        Options("ConcatenationOptions", {"axis": axis}),
        version=2,
    )


def reshape(source: Operand, shape: Sequence[int]) -> bytes:
    """`shape` may have one -1."""
    output = tuple(np.empty(source.shape, np.int8).reshape(shape).shape)
    return single_operator(
        Builtin.RESHAPE,
        [source, Operand.constant(list(shape))],
        [replace(source, shape=output)],
        Options("ReshapeOptions", {"new_shape": list(shape)}),
    )


def squeeze(source: Operand, axes: Sequence[int]) -> bytes:
    shape = np.squeeze(np.empty(source.shape, np.int8), tuple(axes)).shape
    return single_operator(
        Builtin.SQUEEZE,
        [source],
        [replace(source, shape=shape)],
        Options("SqueezeOptions", {"squeeze_dims": list(axes)}),
    )


def expand_dims(source: Operand, axis: int) -> bytes:
    shape = np.expand_dims(np.empty(source.shape, np.int8), axis).shape
    return single_operator(
        Builtin.EXPAND_DIMS,
        [source, Operand.constant(axis)],
        [replace(source, shape=shape)],
        Options("ExpandDimsOptions"),
    )


def transpose(source: Operand, axes: Sequence[int]) -> bytes:
    return single_operator(
        Builtin.TRANSPOSE,
        [source, Operand.constant(list(axes))],
        [replace(source, shape=tuple(source.shape[axis] for axis in axes))],
        Options("TransposeOptions"),
        version=2,
    )


@dataclass(frozen=True)
class Slice:
    """STRIDED_SLICE's arguments; masks are bit sets of dimensions."""

    begin: Sequence[int]
    end: Sequence[int]
    strides: Sequence[int]
    begin_mask: int = 0
    end_mask: int = 0
    shrink_axis_mask: int = 0
    ellipsis_mask: int = 0
    new_axis_mask: int = 0

    def of(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The same slice by numpy."""
        return array[tuple(self._axis(axis) for axis in range(len(self.begin)))]

    def _axis(self, axis: int) -> Any:
        if self.ellipsis_mask >> axis & 1:
            return ...
        if self.new_axis_mask >> axis & 1:
            return None
        if self.shrink_axis_mask >> axis & 1:
            return self.begin[axis]
        begin = None if self.begin_mask >> axis & 1 else self.begin[axis]
        end = None if self.end_mask >> axis & 1 else self.end[axis]
        return slice(begin, end, self.strides[axis])


def strided_slice(source: Operand, taken: Slice) -> bytes:
    options = {
        "begin_mask": taken.begin_mask,
        "end_mask": taken.end_mask,
        "shrink_axis_mask": taken.shrink_axis_mask,
        "ellipsis_mask": taken.ellipsis_mask,
        "new_axis_mask": taken.new_axis_mask,
    }
    lists = [Operand.constant(list(part)) for part in (taken.begin, taken.end, taken.strides)]
    return single_operator(
        Builtin.STRIDED_SLICE,
        [source, *lists],
        [replace(source, shape=taken.of(np.empty(source.shape, np.int8)).shape)],
        Options("StridedSliceOptions", options),
        version=2,
    )


def resize_nearest(
    source: Operand,
    size: tuple[int, int],
    *,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> bytes:
    batch, _, _, channels = source.shape
    options = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    return single_operator(
        Builtin.RESIZE_NEAREST_NEIGHBOR,
        [source, Operand.constant(list(size))],
        [replace(source, shape=(batch, *size, channels))],
        Options("ResizeNearestNeighborOptions", options),
        version=2,
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the kernels of pools compute, in NHWC and NCHW."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tvm import tirx
from tvm.script.ir_builder import tirx as build

from microtvm.compiler.meanings.kernel_function import KernelFunction, Pointer
from microtvm.compiler.operators import Clamp, Window


@dataclass(frozen=True)
class PoolMeaning:
    """Images and the window that slides over them.

    Attributes:
        shape, output: of the data and of the output, in the layout's order.
        layout: "NHWC" or "NCHW".
        is_average: else the maximum.
        scratch_words: that the kernel has for itself.
        dtype: "int8" or "int16".
    """

    shape: tuple[int, int, int, int]
    output: tuple[int, int, int, int]
    layout: str
    window: Window
    is_average: bool
    clamp: Clamp
    scratch_words: int
    dtype: str = "int8"

    @property
    def lowest(self) -> int:
        return -128 if self.dtype == "int8" else -(2**15)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.shape[self.layout.index("H")], self.shape[self.layout.index("W")]


def pool_kernel(sizes: PoolMeaning) -> KernelFunction:
    """data to output."""

    def body(buffers: Mapping[str, Any]) -> None:
        result = buffers["sums"]
        with build.grid(*sizes.output) as indices:
            build.buffer_store(result, 0 if sizes.is_average else sizes.lowest, [0])
            with build.grid(*sizes.window.size) as tap:
                value = _tap(buffers["data"], sizes, indices, tap, result[0])
                build.buffer_store(result, value, [0])
            total = _average(sizes, indices, result[0]) if sizes.is_average else result[0]
            low, high = sizes.clamp
            value = tirx.max(tirx.min(total, high), low).astype(sizes.dtype)
            build.buffer_store(buffers["output"], value, list(indices))

    return KernelFunction(
        operands=(Pointer("data", sizes.shape, sizes.dtype),),
        output=sizes.output,
        body=body,
        scratch_words=sizes.scratch_words,
        sums=1,
        output_dtype=sizes.dtype,
    )


def _starts(sizes: PoolMeaning, indices: Any) -> list[Any]:
    """Row and column where the window of an output begins; less than 0 in the padding."""
    places = (indices[sizes.layout.index("H")], indices[sizes.layout.index("W")])
    window = sizes.window
    return [
        place * stride - before
        for place, stride, before in zip(places, window.strides, window.padding[:2], strict=True)
    ]


def _tap(data: Any, sizes: PoolMeaning, indices: Any, tap: Any, result: Any) -> Any:
    """`result` with one more element of the window, if that lies inside the image."""
    row, column = (start + i for start, i in zip(_starts(sizes, indices), tap, strict=True))
    place = {**dict(zip(sizes.layout, indices, strict=True)), "H": row, "W": column}
    value = data[tuple(place[axis] for axis in sizes.layout)].astype("int32")
    height, width = sizes.size
    inside = tirx.all(row >= 0, row < height, column >= 0, column < width)
    more = result + value if sizes.is_average else tirx.max(result, value)
    return tirx.if_then_else(inside, more, result)


def _average(sizes: PoolMeaning, indices: Any, total: Any) -> Any:
    """Halves away from zero, of the elements inside the image."""
    count: Any = 1
    spans = zip(_starts(sizes, indices), sizes.window.size, sizes.size, strict=True)
    for start, length, limit in spans:
        count = count * (tirx.min(start + length, limit) - tirx.max(start, 0))
    half = tirx.truncdiv(count, 2)
    return tirx.truncdiv(tirx.Select(total > 0, total + half, total - half), count)

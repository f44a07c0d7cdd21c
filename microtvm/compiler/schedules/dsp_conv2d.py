# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A convolution of any window: pixels' patches, widened into scratch, times the packed weights.

Each image of a batch, and each group of its channels, is a call of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import Conv2D, Tensor, Window
from microtvm.compiler.packing import conv2d_scratch_bytes, is_in_runs
from microtvm.compiler.products import conv2d_product
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import product_traffic
from microtvm.compiler.schedules.product_layer import (
    product_layer,
    product_variants,
    product_work,
)
from microtvm.compiler.schedules.product_overlap import conv2d_order, conv2d_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC = INTRINSICS["conv2d_s8"]
_BLOCK = 4  # pixels


def _work(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, _ = output.shape
    product = conv2d_product(operator, tensors)
    work = dict(product_work(product, rows * columns, blocks, operator.groups))
    if _is_in_words(operator, source):
        for place, pixels in _places(operator.window, source.shape, (rows, columns)).items():
            work[f"{place}_words"] = pixels * product.weights.shape[1]
            work[f"{place}_row_words"] = pixels * operator.window.size[0]
    else:
        # What is around the image is copied with it: no pixel is at an edge.
        at_once = int(_in_one_row(columns, rows * columns).sum())
        channels = source.shape[3]
        in_runs = is_in_runs(operator.window, channels // operator.groups, channels)
        way = "runs" if in_runs else "table"
        work[f"inside_4_{way}"] = at_once * product.weights.shape[1]
        work[f"inside_1_{way}"] = (rows * columns - at_once) * product.weights.shape[1]
        work["copied_row"] = rows * operator.window.size[0]
        work["copied_byte"] = work["copied_row"] * source.shape[2] * source.shape[3]
    calls = images * operator.groups
    return {term: calls * count for term, count in work.items() if count}


def _places(window: Window, source: tuple[int, ...], output: tuple[int, int]) -> Mapping[str, int]:
    """How many output pixels the kernel gathers in which way, where taps are whole words.

    Four at once if they are in one row, otherwise one by one; some of either read padding.
    """
    pixels = np.arange(output[0] * output[1])
    y, x = np.divmod(pixels, output[1])
    outside = np.zeros(len(pixels), np.bool_)
    for axis, position in enumerate((y, x)):
        first = position * window.strides[axis] - window.padding[axis]
        reach = (window.size[axis] - 1) * window.dilation[axis]
        outside |= (first < 0) | (first + reach >= source[1 + axis])
    whole = len(pixels) // _BLOCK * _BLOCK
    at_once = _in_one_row(output[1], len(pixels))
    # Four are gathered in the slow way if one of them reads padding.
    edges = np.where(at_once[:whole], _any_of_block(outside[:whole]), outside[:whole])
    outside[:whole] = edges
    return {
        "inside_4": int((at_once & ~outside).sum()),
        "edge_4": int((at_once & outside).sum()),
        "inside_1": int((~at_once & ~outside).sum()),
        "edge_1": int((~at_once & outside).sum()),
    }


def _is_in_words(operator: Conv2D, source: Tensor) -> bool:
    """Where taps are not whole words, a table tells where each number of a window is."""
    channels = source.shape[3]
    return channels % 4 == 0 and channels // operator.groups % 4 == 0


def _in_one_row(columns: int, count: int) -> npt.NDArray[np.bool_]:
    """Which of `count` pixels are in a block of four that lies in one row of `columns`."""
    result = np.zeros(count, np.bool_)
    whole = count // _BLOCK * _BLOCK
    first = np.arange(0, whole, _BLOCK) % columns
    result[:whole] = np.repeat(first + _BLOCK <= columns, _BLOCK)
    return result


def _any_of_block(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.repeat(flags.reshape(-1, _BLOCK).any(axis=1), _BLOCK)


def _scratch(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    channels, columns = tensors[operator.inputs[0]].shape[3], tensors[operator.output].shape[2]
    return conv2d_scratch_bytes(operator.window, channels // operator.groups, channels, columns)


def _define(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, out_channels = output.shape
    groups, window, channels = operator.groups, operator.window, source.shape[3]
    layer = product_layer(conv2d_product(operator, tensors), operator.clamp, blocks, groups)
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=channels // groups,
        zero_point=source.zero_point,
        window=window,
        out_height=rows,
        out_width=columns,
        images=images,
        groups=groups,
    )
    arguments = (
        *(image.height, image.width, image.channels, channels),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(columns, layer.sizes.channels, out_channels),
        *(source.zero_point, *operator.clamp, 0, rows),
    )
    scratch_bytes = _scratch(operator, tensors, blocks)
    sizes = replace(layer.sizes, scratch_words=-(-scratch_bytes // 4))
    return kernel_layer("conv2d", _INTRINSIC, (image, sizes), layer.packed, arguments)


CONV2D = kernel_rule(
    name="dsp_conv2d",
    intrinsic=_INTRINSIC,
    variants=product_variants,
    work=_work,
    define=_define,
    overlaps=conv2d_overlaps,
    order=conv2d_order,
    traffic=product_traffic,
    scratch=_scratch,
)

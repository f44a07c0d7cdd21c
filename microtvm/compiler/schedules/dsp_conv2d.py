# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A convolution of any window: pixels' patches, widened into scratch, times the packed weights.

Each image of a batch, and each group of its channels, is a call of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import Conv2D, Tensor
from microtvm.compiler.packing import conv2d_scratch_bytes
from microtvm.compiler.products import conv2d_product
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.product_layer import (
    product_layer,
    product_variants,
    product_work,
)
from microtvm.compiler.schedules.rule import BlockSizes, ScheduleRule, Work, tensorize_layer

_INTRINSIC = INTRINSICS["conv2d_s8"]


def _work(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, _ = output.shape
    product = conv2d_product(operator, tensors)
    depth = product.weights.shape[1]
    edge = min(_edge_pixels(operator, rows, columns), rows * columns)
    kind = "words" if _is_in_words(operator, source) else "table"
    work = {
        **product_work(product, rows * columns, blocks, operator.groups),
        f"input_{kind}": (rows * columns - edge) * depth,
        f"edge_{kind}": edge * depth,
    }
    return {term: images * operator.groups * count for term, count in work.items()}


def _is_in_words(operator: Conv2D, source: Tensor) -> bool:
    """Where taps are not whole words, a table tells where each number of a window is."""
    channels = source.shape[3]
    return channels % 4 == 0 and channels // operator.groups % 4 == 0


def _edge_pixels(operator: Conv2D, rows: int, columns: int) -> int:
    """About how many output pixels read padding."""
    top, left, bottom, right = operator.window.padding
    down, across = operator.window.strides
    outer_rows = min(rows, -(-top // down) + -(-bottom // down))
    outer_columns = min(columns, -(-left // across) + -(-right // across))
    return rows * columns - (rows - outer_rows) * (columns - outer_columns)


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
    scratch_bytes = conv2d_scratch_bytes(layer.sizes.depth, image.channels, channels)
    sizes = replace(layer.sizes, scratch_words=-(-scratch_bytes // 4))
    return kernel_layer("conv2d", _INTRINSIC, (image, sizes), layer.packed, arguments)


CONV2D = ScheduleRule(
    name="dsp_conv2d",
    operators=_INTRINSIC.operators,
    precondition=_INTRINSIC.precondition,
    variants=product_variants,
    work=_work,
    define=_define,
    apply=tensorize_layer,
)

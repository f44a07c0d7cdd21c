# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A convolution of int16 images, of any window: pixels' patches times the packed weights.

Each image of a batch, and each group of its channels, is a call of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import Conv2D, Tensor
from microtvm.compiler.packing_int16 import pack_product_int16
from microtvm.compiler.products import int16_product
from microtvm.compiler.schedules.int16_layer import int16_sizes, int16_variants, int16_work
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import product_traffic
from microtvm.compiler.schedules.product_overlap import conv2d_order, conv2d_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC = INT16["conv2d_s16"]


def _work(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, _ = output.shape
    product, pixels = int16_product(operator), rows * columns
    height, width = operator.window.size
    channels = source.shape[3] // operator.groups
    runs = height if operator.window.dilation[1] == 1 and operator.groups == 1 else height * width
    kind = "halves" if channels % 2 else "words"
    work = {
        **int16_work(product, pixels, blocks, operator.groups),
        "pixel": pixels,
        "run": pixels * runs,
        f"input_{kind}": pixels * product.weights.shape[1],
    }
    return {term: images * operator.groups * count for term, count in work.items()}


def _define(operator: Conv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    images, rows, columns, out_channels = output.shape
    groups, window, channels = operator.groups, operator.window, source.shape[3]
    product = int16_product(operator)
    packed = pack_product_int16(product, blocks["weight_bits"], groups)
    sizes = int16_sizes(product, operator.clamp, packed, blocks, groups)
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=channels // groups,
        zero_point=0,
        window=window,
        out_height=rows,
        out_width=columns,
        images=images,
        groups=groups,
        dtype=sizes.dtype,
        sum_dtype=sizes.sum_dtype,
    )
    arguments = (
        *(image.height, image.width, image.channels, channels),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(columns, sizes.channels, out_channels, *operator.clamp, 0, rows),
    )
    return kernel_layer("conv2d", _INTRINSIC, (image, sizes), packed, arguments)


CONV2D_INT16 = kernel_rule(
    name="dsp_conv2d_int16",
    intrinsic=_INTRINSIC,
    variants=int16_variants,
    work=_work,
    define=_define,
    overlaps=conv2d_overlaps,
    order=conv2d_order,
    traffic=product_traffic,
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A convolution of any window: pixels' patches, widened into scratch, times the packed weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.product import (
    ImageMeaning,
    conv2d_definition,
    conv2d_meaning,
)
from microtvm.compiler.operators import Conv2D, Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.packing import conv2d_scratch_bytes
from microtvm.compiler.schedules.dsp_matmul import conv2d_product
from microtvm.compiler.schedules.product_layer import product_layer
from microtvm.compiler.schedules.rule import ScheduleRule, tensorize_layer

_HEADER = "microtvm/kernels/conv2d_s8.h"


def _applies(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> bool:
    if not isinstance(operator, Conv2D) or not options.target.has_dsp:
        return False
    if tensors[operator.inputs[0]].dtype != "int8":
        return False
    return operator.groups == 1 and tensors[operator.output].shape[0] == 1


def _define(operator: Conv2D, tensors: Sequence[Tensor], options: CompileOptions) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    _, rows, columns, channels = output.shape
    layer = product_layer(
        conv2d_product(operator, tensors), operator.clamp, rows * columns, options
    )
    window = operator.window
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=source.shape[3],
        zero_point=source.zero_point,
        window=window,
        out_height=rows,
        out_width=columns,
    )
    sizes = (
        *(image.height, image.width, image.channels, image.channels),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(columns, channels, channels, source.zero_point, *operator.clamp, 0, rows),
    )
    scratch_bytes = conv2d_scratch_bytes(layer.sizes.depth, image.channels, image.channels)
    product = replace(layer.sizes, scratch_words=-(-scratch_bytes // 4))
    symbol = f"microtvm_conv2d_s8_{layer.packed.form}"
    meaning = conv2d_meaning(image, product)
    return LayerFunction(
        name="conv2d",
        function=conv2d_definition(image, product),
        constants=(layer.packed.words,),
        headers=(_HEADER,),
        intrinsic=Intrinsic(f"{symbol}{sizes}", meaning, symbol, _HEADER, sizes),
    )


CONV2D = ScheduleRule("dsp_conv2d", _applies, _define, tensorize_layer)

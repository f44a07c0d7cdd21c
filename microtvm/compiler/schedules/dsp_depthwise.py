# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution: four channels' rows as a plane in scratch, two output rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.depthwise import (
    DepthwiseMeaning,
    depthwise_definition,
    depthwise_meaning,
)
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import DepthwiseConv2D, Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.packing import Product, Rounding
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_band,
    depthwise_scratch_bytes,
    pack_depthwise,
)
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import ScheduleRule, tensorize_layer

_HEADER = "microtvm/kernels/depthwise_s8.h"


def _applies(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> bool:
    if not isinstance(operator, DepthwiseConv2D) or not options.target.has_dsp:
        return False
    if tensors[operator.inputs[0]].dtype != "int8":
        return False
    return tensors[operator.output].shape[0] == 1


def _product(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> Product:
    """The layer for packing: weights [out channels, taps], the zero point in the bias."""
    channels = operator.weights.shape[2]
    weights = operator.weights.transpose(2, 0, 1).reshape(channels, -1).astype(np.int64)
    zero_point = tensors[operator.inputs[0]].zero_point
    return Product(
        weights=weights,
        bias=folded_bias(operator.bias, zero_point, weights.sum(axis=1)),
        rescale=operator.rescale,
        zero_point=tensors[operator.output].zero_point,
        rounding=Rounding.TWICE,
    )


def _define(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], options: CompileOptions
) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    window = operator.window
    shape = DepthwiseShape((output.shape[1], output.shape[2]), window)
    weight_bits = 8 if options.weights == "int8" else 16
    packed = pack_depthwise(_product(operator, tensors), window, weight_bits)
    band = depthwise_band(shape)
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=source.shape[3],
        zero_point=source.zero_point,
        window=window,
        out_height=output.shape[1],
        out_width=output.shape[2],
    )
    meaning = DepthwiseMeaning(
        multiplier=output.shape[3] // source.shape[3],
        is_3x3=shape.kernel != "any",
        weight_bits=weight_bits,
        weight_words=shape.weight_words * weight_bits // 16,
        words=packed.words.size,
        scratch_words=-(-depthwise_scratch_bytes(shape, weight_bits, band) // 4),
        clamp=operator.clamp,
        form=rescale_form(packed.form),
    )
    sizes = (
        *(*source.shape[1:], *output.shape[1:3], meaning.multiplier),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(source.zero_point, band, *operator.clamp),
    )
    symbol = f"microtvm_depthwise_{shape.kernel}_s8_{packed.form}"
    described = depthwise_meaning(image, meaning)
    return LayerFunction(
        name="depthwise_conv2d",
        function=depthwise_definition(image, meaning),
        constants=(packed.words,),
        headers=(_HEADER,),
        intrinsic=Intrinsic(f"{symbol}{sizes}", described, symbol, _HEADER, sizes),
    )


DEPTHWISE = ScheduleRule("dsp_depthwise", _applies, _define, tensorize_layer)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A 1x1 convolution over a whole image, or a dense layer over a batch: a matrix product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.computes.convolution import folded_bias
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.product import matmul_definition, matmul_meaning
from microtvm.compiler.operators import Conv2D, Dense, Operator, Tensor, Window
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.packing import Product, Rounding
from microtvm.compiler.schedules.dsp_dense import dense_product
from microtvm.compiler.schedules.product_layer import product_layer
from microtvm.compiler.schedules.rule import ScheduleRule, tensorize_layer

_HEADER = "microtvm/kernels/matmul_s8.h"
_POINTWISE = Window(size=(1, 1))


def _applies(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> bool:
    if not options.target.has_dsp:
        return False
    if tensors[operator.inputs[0]].dtype != "int8":
        return False
    if isinstance(operator, Conv2D):
        return operator.window == _POINTWISE and operator.groups == 1
    # A weight less its zero point may need nine bits.
    return isinstance(operator, Dense) and operator.weights_zero_point == 0


def conv2d_product(operator: Conv2D, tensors: Sequence[Tensor]) -> Product:
    """The layer for packing: weights [out, height * width * in], zero point in the bias."""
    weights = operator.weights.reshape(len(operator.weights), -1).astype(np.int64)
    zero_point = tensors[operator.inputs[0]].zero_point
    return Product(
        weights=weights,
        bias=folded_bias(operator.bias, zero_point, weights.sum(axis=1)),
        rescale=operator.rescale,
        zero_point=tensors[operator.output].zero_point,
        rounding=Rounding.TWICE,
    )


def _define(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], options: CompileOptions
) -> LayerFunction:
    if isinstance(operator, Dense):
        name, product = "dense", dense_product(operator, tensors)
    else:
        name, product = "conv2d", conv2d_product(operator, tensors)
    channels, depth = product.weights.shape
    pixels = tensors[operator.output].elements // channels
    layer = product_layer(product, operator.clamp, pixels, options)
    symbol = f"microtvm_matmul_s8_{layer.packed.form}"
    sizes = (pixels, depth, channels, *operator.clamp)
    meaning = matmul_meaning(pixels, layer.sizes)
    return LayerFunction(
        name=name,
        function=matmul_definition(pixels, layer.sizes),
        constants=(layer.packed.words,),
        headers=(_HEADER,),
        intrinsic=Intrinsic(f"{symbol}{sizes}", meaning, symbol, _HEADER, sizes),
    )


MATMUL = ScheduleRule("dsp_matmul", _applies, _define, tensorize_layer)

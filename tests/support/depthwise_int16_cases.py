# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random depthwise convolutions for tests/kernels/channelwise_s16.c, with what numpy gives."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.packing_depthwise import depthwise_bands, depthwise_scratch_bytes
from microtvm.compiler.packing_int16 import (
    depthwise_shape_int16,
    pack_depthwise_int16,
    product_scaling,
)
from support.channelwise_cases import Case
from support.depthwise_cases import Layer, depthwise_sums
from support.int16_cases import (
    Int16Layer,
    draw_int16,
    draw_int16_offsets,
    draw_int16_product,
    int16_outputs,
)

DEPTHWISE = 0
# The order of MICROTVM_FOR_EACH_DEPTHWISE_S16.
DEPTHWISE_FORMS = (
    *("3x3s1_w8_acc32", "3x3s1_w16_acc32", "3x3s2_w8_acc32", "3x3s2_w16_acc32"),
    *("any_w8_acc32", "any_w16_acc32", "any_w8_acc64", "any_w16_acc64"),
    *("any_w8_any", "any_w16_any", "any_w8_twice_s16", "any_w16_twice_s16"),
)


def depthwise_int16_case(draw: np.random.Generator, shape: Layer, layer: Int16Layer) -> Case:
    """A whole layer in one call.

    Args:
        shape: the image and how it is computed; scales and bounds are those of `layer`.
    """
    window = shape.window
    taps = window.size[0] * window.size[1]
    product = draw_int16_product(draw, shape.channels * shape.multiplier, taps, layer)
    data = draw_int16(draw, (*shape.image, shape.channels), layer)
    packed = pack_depthwise_int16(product, window, layer.packed_bits)
    kernel = depthwise_shape_int16(product, shape.output, window)
    band = depthwise_bands(kernel, shape.plane_bytes)[-1]
    other_words = product_scaling(product).other_words
    sums = depthwise_sums(product.weights, data, shape, 0) + product.bias.astype(np.int64)
    return Case(
        operation=DEPTHWISE,
        form=DEPTHWISE_FORMS.index(f"{kernel.kernel}_{packed.form}"),
        arguments=(
            *(*shape.image, shape.channels, *shape.output, shape.multiplier, *window.size),
            *(*window.strides, *window.dilation, *window.padding[:2], band, *layer.clamp),
        ),
        data=data,
        words=packed.words,
        scratch_bytes=depthwise_scratch_bytes(kernel, layer.packed_bits, band, other_words),
        expected=int16_outputs(product, sums, layer.clamp),
        offsets=draw_int16_offsets(draw),
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution of int16: four channels' rows as a plane in scratch, as at int8."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.meanings.depthwise import DepthwiseMeaning
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_bands,
    depthwise_scratch_bytes,
)
from microtvm.compiler.packing_int16 import (
    depthwise_shape_int16,
    pack_depthwise_int16,
    product_scaling,
)
from microtvm.compiler.products import int16_product
from microtvm.compiler.schedules.depthwise_overlap import depthwise_order, depthwise_overlaps
from microtvm.compiler.schedules.depthwise_work import plane_work
from microtvm.compiler.schedules.int16_layer import (
    int16_scaling,
    int16_variants,
    scratch_numbers,
)
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import depthwise_traffic
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC = INT16["depthwise_s16"]


def _shape(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> DepthwiseShape:
    _, rows, columns, _ = tensors[operator.output].shape
    return depthwise_shape_int16(int16_product(operator), (rows, columns), operator.window)


def _variants(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    bands = depthwise_bands(_shape(operator, tensors))
    widths = int16_variants(operator, tensors)
    return tuple({**width, "band": band} for band in bands for width in widths)


def _work(operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, shape = tensors[operator.inputs[0]], _shape(operator, tensors)
    channels = operator.weights.shape[2]
    bands = -(-shape.pairs // blocks["band"])
    positions = channels * shape.pairs * shape.output[1]
    kernel = shape.kernel if shape.has_short_sums else "acc64"
    work = {
        "call": 1,
        "channel": channels * bands,
        "channel_row": channels * shape.pairs,
        f"position_{kernel}": positions,
        **plane_work(shape, source, tensors[operator.output], blocks["band"]),
    }
    if shape.kernel == "any":
        work[f"weight_{kernel}"] = positions * shape.weight_words
    if blocks["weight_bits"] == 8:
        work["widened_word"] = channels * bands * shape.weight_words
    return {term: source.shape[0] * count for term, count in work.items()}


def _define(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    window, shape, product = operator.window, _shape(operator, tensors), int16_product(operator)
    weight_bits, band = blocks["weight_bits"], blocks["band"]
    packed = pack_depthwise_int16(product, window, weight_bits)
    kept = product_scaling(product)
    scaling = int16_scaling(kept.kind, operator.clamp)
    scratch_bytes = depthwise_scratch_bytes(shape, weight_bits, band, kept.other_words)
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=source.shape[3],
        zero_point=0,
        window=window,
        out_height=output.shape[1],
        out_width=output.shape[2],
        images=source.shape[0],
        dtype="int16",
        sum_dtype=scaling.sum_dtype,
    )
    meaning = DepthwiseMeaning(
        multiplier=output.shape[3] // source.shape[3],
        is_3x3=shape.kernel != "any",
        weight_bits=weight_bits,
        weight_words=shape.weight_words * weight_bits // 16,
        words=packed.words.size,
        scratch_words=scratch_numbers(scratch_bytes, scaling),
        scaling=scaling,
    )
    arguments = (
        *(*source.shape[1:], *output.shape[1:3], meaning.multiplier),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(band, *operator.clamp),
    )
    variant = f"_{shape.kernel}_s16"
    return kernel_layer(
        "depthwise_conv2d", _INTRINSIC, (image, meaning), packed, arguments, variant=variant
    )


DEPTHWISE_INT16 = kernel_rule(
    name="dsp_depthwise_int16",
    intrinsic=_INTRINSIC,
    variants=_variants,
    work=_work,
    define=_define,
    overlaps=depthwise_overlaps,
    order=depthwise_order,
    traffic=depthwise_traffic,
)

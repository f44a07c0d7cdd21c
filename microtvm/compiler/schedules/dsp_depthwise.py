# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution: four channels' rows as a plane in scratch, two output rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.depthwise import DepthwiseMeaning, Int8Scaling
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.packing import is_fast
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_bands,
    depthwise_scratch_bytes,
    pack_depthwise,
)
from microtvm.compiler.products import depthwise_product
from microtvm.compiler.schedules.depthwise_overlap import depthwise_order, depthwise_overlaps
from microtvm.compiler.schedules.depthwise_work import CELL_CHANNELS, plane_work
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import depthwise_traffic
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC = INTRINSICS["depthwise_s8"]


def _shape(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> DepthwiseShape:
    _, rows, columns, _ = tensors[operator.output].shape
    return DepthwiseShape((rows, columns), operator.window)


def _variants(operator: DepthwiseConv2D, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    bands = depthwise_bands(_shape(operator, tensors))
    return tuple(
        {"weight_bits": weight_bits, "band": band} for band in bands for weight_bits in (8, 16)
    )


def _work(operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    source, shape = tensors[operator.inputs[0]], _shape(operator, tensors)
    channels = operator.weights.shape[2]
    bands = -(-shape.pairs // blocks["band"])
    positions = channels * shape.pairs * shape.output[1]
    kernel = shape.kernel if is_fast(depthwise_product(operator, tensors)) else "slow"
    groups = -(-source.shape[3] // CELL_CHANNELS)
    work = {
        "call": 1,
        "band": groups * bands,
        "channel": channels * bands,
        "channel_row": channels * (bands if shape.is_tall else shape.pairs),
        f"position_{kernel}": positions,
        **plane_work(shape, source, tensors[operator.output], blocks["band"]),
    }
    if shape.kernel == "any":
        work[f"weight_{kernel}"] = positions * shape.weight_words
    if blocks["weight_bits"] == 8:
        work["widened_word"] = channels * bands * shape.weight_words
    return {term: source.shape[0] * count for term, count in work.items()}


def _scratch(operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    return depthwise_scratch_bytes(_shape(operator, tensors), blocks["weight_bits"], blocks["band"])


def _define(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    window, shape = operator.window, _shape(operator, tensors)
    weight_bits, band = blocks["weight_bits"], blocks["band"]
    packed = pack_depthwise(depthwise_product(operator, tensors), window, weight_bits)
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=source.shape[3],
        zero_point=source.zero_point,
        window=window,
        out_height=output.shape[1],
        out_width=output.shape[2],
        images=source.shape[0],
    )
    meaning = DepthwiseMeaning(
        multiplier=output.shape[3] // source.shape[3],
        is_3x3=shape.kernel != "any",
        weight_bits=weight_bits,
        weight_words=shape.weight_words * weight_bits // 16,
        words=packed.words.size,
        scratch_words=-(-_scratch(operator, tensors, blocks) // 4),
        scaling=Int8Scaling(rescale_form(packed.form), operator.clamp),
    )
    arguments = (
        *(*source.shape[1:], *output.shape[1:3], meaning.multiplier),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(source.zero_point, band, *operator.clamp),
    )
    variant = f"_{shape.kernel}_s8"
    return kernel_layer(
        "depthwise_conv2d", _INTRINSIC, (image, meaning), packed, arguments, variant=variant
    )


DEPTHWISE = kernel_rule(
    name="dsp_depthwise",
    intrinsic=_INTRINSIC,
    variants=_variants,
    work=_work,
    define=_define,
    overlaps=depthwise_overlaps,
    order=depthwise_order,
    traffic=depthwise_traffic,
    scratch=_scratch,
)

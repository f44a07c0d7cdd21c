# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution of int16: four channels' rows as a plane in scratch, as at int8."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
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
from microtvm.compiler.schedules.depthwise_definition import (
    DepthwiseKernel,
    depthwise_definition,
)
from microtvm.compiler.schedules.depthwise_overlap import depthwise_order, depthwise_overlaps
from microtvm.compiler.schedules.depthwise_work import plane_work, tap_work
from microtvm.compiler.schedules.int16_layer import (
    int16_scaling,
    int16_variants,
    scratch_numbers,
)
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
    kernel = shape.kernel if shape.has_short_sums else "acc64"
    work = {
        "call": 1,
        "channel": channels * bands,
        "channel_row": channels * shape.pairs,
        **plane_work(shape, source, tensors[operator.output], blocks["band"]),
        **tap_work(shape, kernel, channels, blocks),
    }
    return {term: source.shape[0] * count for term, count in work.items()}


def _define(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    product, shape = int16_product(operator), _shape(operator, tensors)
    kept = product_scaling(product)
    scaling = int16_scaling(kept.kind, operator.clamp)
    scratch_bytes = depthwise_scratch_bytes(
        shape, blocks["weight_bits"], blocks["band"], kept.other_words
    )
    kernel = DepthwiseKernel(
        intrinsic=_INTRINSIC,
        suffix="s16",
        shape=shape,
        packed=pack_depthwise_int16(product, operator.window, blocks["weight_bits"]),
        scaling=scaling,
        scratch_words=scratch_numbers(scratch_bytes, scaling),
    )
    return depthwise_definition(operator, tensors, blocks, kernel)


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

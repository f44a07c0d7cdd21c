# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution: four channels' rows as a plane in scratch, two output rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.depthwise import Int8Scaling
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.packing import is_fast
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_bands,
    depthwise_scratch_bytes,
    pack_depthwise,
)
from microtvm.compiler.products import depthwise_product
from microtvm.compiler.schedules.depthwise_definition import (
    DepthwiseKernel,
    depthwise_definition,
)
from microtvm.compiler.schedules.depthwise_overlap import depthwise_order, depthwise_overlaps
from microtvm.compiler.schedules.depthwise_work import CELL_CHANNELS, plane_work, tap_work
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
    kernel = shape.kernel if is_fast(depthwise_product(operator, tensors)) else "slow"
    groups = -(-source.shape[3] // CELL_CHANNELS)
    work = {
        "call": 1,
        "band": groups * bands,
        "channel": channels * bands,
        "channel_row": channels * (bands if shape.is_tall else shape.pairs),
        **plane_work(shape, source, tensors[operator.output], blocks["band"]),
        **tap_work(shape, kernel, channels, blocks),
    }
    return {term: source.shape[0] * count for term, count in work.items()}


def _scratch(operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    return depthwise_scratch_bytes(_shape(operator, tensors), blocks["weight_bits"], blocks["band"])


def _define(
    operator: DepthwiseConv2D, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    packed = pack_depthwise(
        depthwise_product(operator, tensors), operator.window, blocks["weight_bits"]
    )
    kernel = DepthwiseKernel(
        intrinsic=_INTRINSIC,
        suffix="s8",
        shape=_shape(operator, tensors),
        packed=packed,
        scaling=Int8Scaling(rescale_form(packed.form), operator.clamp),
        scratch_words=-(-_scratch(operator, tensors, blocks) // 4),
        zero_points=(tensors[operator.inputs[0]].zero_point,),
    )
    return depthwise_definition(operator, tensors, blocks, kernel)


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

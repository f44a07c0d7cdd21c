# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the definitions of depthwise layers of any type share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.depthwise import ChannelScaling, DepthwiseMeaning
from microtvm.compiler.meanings.product import ImageMeaning
from microtvm.compiler.operators import DepthwiseConv2D, Tensor
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_depthwise import DepthwiseShape
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.rule import BlockSizes


@dataclass(frozen=True, eq=False)
class DepthwiseKernel:
    """A kernel for one layer.

    Attributes:
        suffix: of the C function, for the type of its data: "s8".
        packed: the layer's constant.
        scratch_words: numbers of the sums' type.
        zero_points: of the data, where the C function takes one.
    """

    intrinsic: Intrinsic
    suffix: str
    shape: DepthwiseShape
    packed: Packed
    scaling: ChannelScaling
    scratch_words: int
    zero_points: tuple[int, ...] = ()


def depthwise_definition(
    operator: DepthwiseConv2D,
    tensors: Sequence[Tensor],
    blocks: BlockSizes,
    kernel: DepthwiseKernel,
) -> LayerFunction:
    """The layer's definition with the call of the kernel, one band of rows after another."""
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    window, weight_bits = operator.window, blocks["weight_bits"]
    image = ImageMeaning(
        height=source.shape[1],
        width=source.shape[2],
        channels=source.shape[3],
        zero_point=source.zero_point,
        window=window,
        out_height=output.shape[1],
        out_width=output.shape[2],
        images=source.shape[0],
        dtype=source.dtype,
        sum_dtype=kernel.scaling.sum_dtype,
    )
    meaning = DepthwiseMeaning(
        multiplier=output.shape[3] // source.shape[3],
        is_3x3=kernel.shape.kernel != "any",
        weight_bits=weight_bits,
        weight_words=kernel.shape.weight_words * weight_bits // 16,
        words=kernel.packed.words.size,
        scratch_words=kernel.scratch_words,
        scaling=kernel.scaling,
    )
    arguments = (
        *(*source.shape[1:], *output.shape[1:3], meaning.multiplier),
        *(*window.size, *window.strides, *window.dilation, *window.padding[:2]),
        *(*kernel.zero_points, blocks["band"], *operator.clamp),
    )
    variant = f"_{kernel.shape.kernel}_{kernel.suffix}"
    return kernel_layer(
        "depthwise_conv2d",
        kernel.intrinsic,
        (image, meaning),
        kernel.packed,
        arguments,
        variant=variant,
    )

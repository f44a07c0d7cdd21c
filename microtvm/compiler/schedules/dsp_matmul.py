# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A 1x1 convolution over a whole image, or a dense layer over a batch: a matrix product.

Four pixels at a time, or two, whose patch takes half the scratch.
"""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.operators import Conv2D, Dense, Tensor
from microtvm.compiler.packing import Product, matmul_scratch_bytes
from microtvm.compiler.products import conv2d_product, dense_product
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import product_traffic
from microtvm.compiler.schedules.product_layer import (
    paired_work,
    product_layer,
    product_variants,
    product_work,
)
from microtvm.compiler.schedules.product_overlap import matmul_order, matmul_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC, _PAIRS = INTRINSICS["matmul_s8"], INTRINSICS["matmul_pairs_s8"]


def _variants(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    """The faster first: the others are not to be taken because the cost model is not sure."""
    widths = product_variants(operator, tensors)
    return tuple({**width, "pixels": pixels} for pixels in (4, 2) for width in widths)


def _product(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> tuple[Product, int]:
    """The product and its count of pixels."""
    if isinstance(operator, Dense):
        product = dense_product(operator, tensors)
    else:
        product = conv2d_product(operator, tensors)
    return product, tensors[operator.output].elements // len(product.weights)


def _work(operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    product, pixels = _product(operator, tensors)
    depth = product.weights.shape[1]
    # Rows at multiples of 4 are read by words.
    kind = "bytes" if depth % 4 else "words"
    places = pixels * depth
    if _is_paired(blocks):
        return {**paired_work(product, pixels, blocks), f"input_{kind}_pairs": places}
    return {**product_work(product, pixels, blocks), f"input_{kind}": places}


def _is_paired(blocks: BlockSizes) -> bool:
    return blocks["pixels"] == 2


def _scratch(operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    return matmul_scratch_bytes(operator.weights[0].size, blocks["pixels"])


def _define(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    product, pixels = _product(operator, tensors)
    channels, depth = product.weights.shape
    layer = product_layer(product, operator.clamp, blocks)
    arguments = (pixels, depth, channels, *operator.clamp)
    intrinsic = _PAIRS if _is_paired(blocks) else _INTRINSIC
    return kernel_layer(operator.kind, intrinsic, (pixels, layer.sizes), layer.packed, arguments)


MATMUL = kernel_rule(
    name="dsp_matmul",
    intrinsic=_INTRINSIC,
    variants=_variants,
    work=_work,
    define=_define,
    overlaps=matmul_overlaps,
    order=matmul_order,
    traffic=product_traffic,
    scratch=_scratch,
)

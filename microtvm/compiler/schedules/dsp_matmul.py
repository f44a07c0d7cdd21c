# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A 1x1 convolution over a whole image, or a dense layer over a batch: a matrix product."""

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

_INTRINSIC = INTRINSICS["matmul_s8"]


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
    return {**product_work(product, pixels, blocks), f"input_{kind}": pixels * depth}


def _scratch(operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    return matmul_scratch_bytes(operator.weights[0].size)


def _define(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    product, pixels = _product(operator, tensors)
    channels, depth = product.weights.shape
    layer = product_layer(product, operator.clamp, blocks)
    arguments = (pixels, depth, channels, *operator.clamp)
    return kernel_layer(operator.kind, _INTRINSIC, (pixels, layer.sizes), layer.packed, arguments)


MATMUL = kernel_rule(
    name="dsp_matmul",
    intrinsic=_INTRINSIC,
    variants=product_variants,
    work=_work,
    define=_define,
    overlaps=matmul_overlaps,
    order=matmul_order,
    traffic=product_traffic,
    scratch=_scratch,
)

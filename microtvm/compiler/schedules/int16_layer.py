# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the schedules of int16 products share: weights, sizes and work."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.meanings.int16 import Int16ProductMeaning, Int16Scaling
from microtvm.compiler.operators import Clamp, Conv2D, Dense, DepthwiseConv2D, Tensor
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_int16 import (
    Int16Product,
    product_scaling,
    product_scratch_bytes_int16,
)
from microtvm.compiler.products import int16_product
from microtvm.compiler.schedules.block_work import block_work
from microtvm.compiler.schedules.rule import BlockSizes, Work


def int16_variants(
    operator: Conv2D | Dense | DepthwiseConv2D, tensors: Sequence[Tensor]
) -> Sequence[BlockSizes]:
    """Weights as they are, or widened in flash."""
    least = int16_product(operator).weight_bits
    return tuple({"weight_bits": bits} for bits in (8, 16) if bits >= least)


def int16_scaling(kind: str, clamp: Clamp) -> Int16Scaling:
    """Of sums of 32 bits with "acc32", of 64 otherwise."""
    return Int16Scaling(kind, "int32" if kind == "acc32" else "int64", clamp)


def int16_sizes(
    product: Int16Product, clamp: Clamp, packed: Packed, blocks: BlockSizes, groups: int = 1
) -> Int16ProductMeaning:
    """Of one of the groups of a product that was packed by blocks of two channels."""
    channels, depth = product.weights.shape
    scaling = int16_scaling(product_scaling(product).kind, clamp)
    return Int16ProductMeaning(
        channels=channels // groups,
        depth=depth,
        weight_bits=blocks["weight_bits"],
        words=packed.words.size // groups,
        scratch_words=scratch_numbers(product_scratch_bytes_int16(depth), scaling),
        scaling=scaling,
    )


def scratch_numbers(size: int, scaling: Int16Scaling) -> int:
    """So many bytes as numbers of the sums' type."""
    return -(-size // (4 if scaling.sum_dtype == "int32" else 8))


def int16_work(product: Int16Product, pixels: int, blocks: BlockSizes, groups: int = 1) -> Work:
    """A grouped product's is that of one of its `groups`."""
    channels, depth = product.weights.shape
    sums = "acc32" if product_scaling(product).kind == "acc32" else "acc64"
    width = f"w{blocks['weight_bits']}_{sums}"
    return block_work(channels // groups, depth, pixels, width)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the schedules of matrix products and convolutions share: weights, sizes and work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.meanings.product import ProductMeaning
from microtvm.compiler.operators import Clamp, Operator, Tensor
from microtvm.compiler.packing import (
    Packed,
    Product,
    is_fast,
    matmul_scratch_bytes,
    pack_matmul,
)
from microtvm.compiler.schedules.block_work import GROUP, block_work
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import BlockSizes, Work


@dataclass(frozen=True, eq=False)
class ProductLayer:
    """A product's constant, and the sizes that its meaning has."""

    packed: Packed
    sizes: ProductMeaning


def product_variants(operator: Operator, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    """Weights as they are, or widened in flash."""
    return ({"weight_bits": 8}, {"weight_bits": 16})


def product_layer(
    product: Product, clamp: Clamp, blocks: BlockSizes, groups: int = 1
) -> ProductLayer:
    """Packs a product; `sizes` are those of one group."""
    weight_bits = blocks["weight_bits"]
    packed = pack_matmul(product, weight_bits, groups)
    channels, depth = product.weights.shape
    return ProductLayer(
        packed,
        ProductMeaning(
            channels=channels // groups,
            depth=depth,
            weight_bits=weight_bits,
            words=packed.words.size // groups,
            scratch_words=-(-matmul_scratch_bytes(depth, blocks.get("pixels", 4)) // 4),
            clamp=clamp,
            form=rescale_form(packed.form),
        ),
    )


def product_work(product: Product, pixels: int, blocks: BlockSizes, groups: int = 1) -> Work:
    """A grouped product's is that of one of its `groups`."""
    channels, depth = product.weights.shape
    width = _width(product, blocks)
    return block_work(channels // groups, depth, pixels, width)


def paired_work(product: Product, pixels: int, blocks: BlockSizes) -> Work:
    """The same by two pixels at a time; a last one is computed twice."""
    channels, depth = product.weights.shape
    pairs, steps = -(-channels // 2), -(-depth // GROUP)
    width = _width(product, blocks)
    count = -(-pixels // 2)
    work = {
        "call": 1,
        "block_pair": count,
        f"outputs_pair_{width}": count * pairs,
        f"groups_pair_{width}": count * pairs * steps,
        "odd_pair": count * (channels % 2),
    }
    return {term: number for term, number in work.items() if number}


def _width(product: Product, blocks: BlockSizes) -> str:
    return f"w{blocks['weight_bits']}" if is_fast(product) else "any"

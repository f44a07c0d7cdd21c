# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the schedules of matrix products and convolutions share: packed weights and their sizes."""

from __future__ import annotations

from dataclasses import dataclass

from microtvm.compiler.meanings.product import ProductMeaning
from microtvm.compiler.operators import Clamp
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.packing import Packed, Product, matmul_scratch_bytes, pack_matmul
from microtvm.compiler.schedules.rescale_form import rescale_form


@dataclass(frozen=True, eq=False)
class ProductLayer:
    """A product's constant, and the sizes that its meaning has."""

    packed: Packed
    sizes: ProductMeaning


def product_layer(
    product: Product, clamp: Clamp, pixels: int, options: CompileOptions
) -> ProductLayer:
    """Packs a product for `pixels` output pixels.

    Weights of 16 bits pay where a weight serves a block of several pixels; a single pixel streams
    each weight once, and twice the flash is then twice the reads.
    """
    wide = options.weights == "int16" or (options.weights == "auto" and pixels > 1)
    weight_bits = 16 if wide else 8
    packed = pack_matmul(product, weight_bits)
    channels, depth = product.weights.shape
    return ProductLayer(
        packed,
        ProductMeaning(
            channels=channels,
            depth=depth,
            weight_bits=weight_bits,
            words=packed.words.size,
            scratch_words=-(-matmul_scratch_bytes(depth) // 4),
            clamp=clamp,
            form=rescale_form(packed.form),
        ),
    )

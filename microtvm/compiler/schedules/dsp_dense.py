# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Vectors times a matrix: weights stream past the inputs, four rows at a time.

A dense layer, or a convolution whose window covers the whole image. The inputs are widened into
scratch first, or a single vector's in registers each time that they are read.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from microtvm.compiler.access_order import AccessOrder, pixel_by_pixel
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsic_table import INTRINSICS
from microtvm.compiler.meanings.dense import DenseMeaning
from microtvm.compiler.operators import Conv2D, Dense, Tensor
from microtvm.compiler.overlap import trailing
from microtvm.compiler.packing import Product, dense_scratch_bytes, is_fast, pack_dense
from microtvm.compiler.products import dense_product, whole_image_product
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import dense_traffic
from microtvm.compiler.schedules.rescale_form import rescale_form
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC, _DIRECT = INTRINSICS["dense_s8"], INTRINSICS["dense_direct_s8"]
_ROWS = 4  # a turn of the kernel's outer loop
_DEPTH = 8  # columns that half a turn of its inner loop takes


def _product(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> tuple[Product, int]:
    """The product, and the weights' zero point."""
    if isinstance(operator, Dense):
        return dense_product(operator, tensors), operator.weights_zero_point
    return whole_image_product(operator, tensors), 0


def _vectors(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> int:
    return tensors[operator.output].elements // len(operator.weights)


def _variants(operator: Conv2D | Dense, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    """The inputs of 8 bits in the inner loop, as they are, or of 16."""
    product, _ = _product(operator, tensors)
    is_direct = _vectors(operator, tensors) == 1 and product.weights.shape[1] % _DEPTH == 0
    # The faster first: the other one is not to be taken because the cost model is not sure.
    widths = (16, 8) if is_direct else (16,)
    return tuple({"weight_bits": 8, "input_bits": width} for width in widths)


def _is_direct(blocks: BlockSizes) -> bool:
    return blocks["input_bits"] == 8


def _work(operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    product, _ = _product(operator, tensors)
    rows, depth = product.weights.shape
    vectors, turns = _vectors(operator, tensors), -(-rows // _ROWS)
    return {
        "call": vectors,
        f"input_{blocks['input_bits']}": vectors * depth,
        "row_block" if is_fast(product) else "row_block_any": vectors * turns,
        f"weight_{blocks['input_bits']}": vectors * turns * _ROWS * depth,
    }


def _scratch(operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    product, _ = _product(operator, tensors)
    return 0 if _is_direct(blocks) else dense_scratch_bytes(product.weights.shape[1])


def _define(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes
) -> LayerFunction:
    product, weights_zero_point = _product(operator, tensors)
    packed = pack_dense(product, weights_zero_point)
    rows, depth = product.weights.shape
    meaning = DenseMeaning(
        vectors=_vectors(operator, tensors),
        rows=rows,
        depth=depth,
        words=packed.words.size,
        scratch_words=-(-_scratch(operator, tensors, blocks) // 4),
        weights_zero_point=weights_zero_point,
        clamp=operator.clamp,
        form=rescale_form(packed.form),
    )
    arguments = (depth, rows, weights_zero_point, *operator.clamp)
    intrinsic = _DIRECT if _is_direct(blocks) else _INTRINSIC
    return kernel_layer(operator.kind, intrinsic, (meaning,), packed, arguments)


def _overlaps(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes
) -> Sequence[Overlap | None]:
    """Apart if it is read until the end, else all of a vector is widened before it is written."""
    if _is_direct(blocks):
        return (None,)
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    vectors = _vectors(operator, tensors)
    depth, rows = source.size_bytes // vectors, output.size_bytes // vectors
    progress = ((done * rows, done * depth) for done in range(1, vectors))
    return (trailing(progress, source.size_bytes),)


def _order(
    operator: Conv2D | Dense, tensors: Sequence[Tensor], blocks: BlockSizes
) -> AccessOrder | None:
    """A step is a vector."""
    if _is_direct(blocks):
        return None
    source, output = tensors[operator.inputs[0]], tensors[operator.output]
    steps = np.arange(_vectors(operator, tensors), dtype=np.int32)
    return pixel_by_pixel(steps, source.size_bytes // steps.size, output.size_bytes // steps.size)


DENSE = kernel_rule(
    name="dsp_dense",
    intrinsic=_INTRINSIC,
    variants=_variants,
    work=_work,
    define=_define,
    overlaps=_overlaps,
    order=_order,
    scratch=_scratch,
    traffic=dense_traffic,
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Dense layers of int16: one vector that weights stream past, or a matrix product of more."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.meanings.int16 import Int16ProductMeaning, Int16Scaling
from microtvm.compiler.operators import Dense, Tensor
from microtvm.compiler.packing_int16 import (
    dense_scratch_bytes_int16,
    pack_dense_int16,
    pack_product_int16,
)
from microtvm.compiler.products import int16_product
from microtvm.compiler.schedules.int16_layer import (
    int16_sizes,
    int16_variants,
    int16_work,
    scratch_numbers,
)
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.kernel_traffic import dense_traffic, product_traffic
from microtvm.compiler.schedules.product_overlap import matmul_order, matmul_overlaps
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_DENSE, _MATMUL = INT16["dense_s16"], INT16["matmul_s16"]
_ROWS = 4  # a turn of the streaming kernel's outer loop
_DEPTH_MULTIPLE = 8


def _variants(operator: Dense, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    """Each weight is read once: twice the flash would be twice the reads."""
    return ({"weight_bits": int16_product(operator).weight_bits},)


def _dense_work(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    rows, depth = operator.weights.shape
    turns = -(-rows // _ROWS)
    packed = pack_dense_int16(int16_product(operator), blocks["weight_bits"])
    weights = turns * _ROWS * depth
    return {"call": 1, "input": depth, "row_block": turns, f"weight_{packed.form}": weights}


def _define_dense(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    packed = pack_dense_int16(int16_product(operator), blocks["weight_bits"])
    rows, depth = operator.weights.shape
    sum_dtype = "int32" if packed.form.endswith("acc32") else "int64"
    scaling = Int16Scaling("wide", sum_dtype, operator.clamp)
    meaning = Int16ProductMeaning(
        channels=rows,
        depth=depth,
        weight_bits=blocks["weight_bits"],
        words=packed.words.size,
        scratch_words=scratch_numbers(dense_scratch_bytes_int16(depth), scaling),
        scaling=scaling,
        rows=_ROWS,
        depth_multiple=_DEPTH_MULTIPLE,
    )
    arguments = (depth, rows, *operator.clamp)
    return kernel_layer("dense", _DENSE, (1, meaning), packed, arguments)


def _matmul_work(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    product = int16_product(operator)
    channels, depth = product.weights.shape
    pixels = tensors[operator.output].elements // channels
    kind = "halves" if depth % 2 else "words"
    work = int16_work(product, pixels, blocks)
    return {**work, "pixel": pixels, f"input_{kind}": pixels * depth}


def _define_matmul(operator: Dense, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    product = int16_product(operator)
    channels, depth = product.weights.shape
    pixels = tensors[operator.output].elements // channels
    packed = pack_product_int16(product, blocks["weight_bits"])
    sizes = int16_sizes(product, operator.clamp, packed, blocks)
    arguments = (pixels, depth, channels, *operator.clamp)
    return kernel_layer("dense", _MATMUL, (pixels, sizes), packed, arguments)


DENSE_INT16 = kernel_rule(
    name="dsp_dense_int16",
    intrinsic=_DENSE,
    variants=_variants,
    work=_dense_work,
    define=_define_dense,
    overlaps=matmul_overlaps,
    order=matmul_order,
    traffic=dense_traffic,
)
MATMUL_INT16 = kernel_rule(
    name="dsp_matmul_int16",
    intrinsic=_MATMUL,
    variants=int16_variants,
    work=_matmul_work,
    define=_define_matmul,
    overlaps=matmul_overlaps,
    order=matmul_order,
    traffic=product_traffic,
)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The micro-kernels: what each computes, when, and where its C is."""

from __future__ import annotations

from collections.abc import Mapping

from microtvm.compiler.elementwise_intrinsics import ELEMENTWISE
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.dense import dense_definition, dense_direct_kernel, dense_meaning
from microtvm.compiler.meanings.depthwise import depthwise_definition, depthwise_meaning
from microtvm.compiler.meanings.kernel_function import kernel_definition, kernel_meaning
from microtvm.compiler.meanings.product import (
    conv2d_definition,
    conv2d_meaning,
    matmul_definition,
    matmul_meaning,
)
from microtvm.compiler.operators import Conv2D, Dense, DepthwiseConv2D
from microtvm.compiler.preconditions import has_int8_data, is_product, is_vectors

INTRINSICS: Mapping[str, Intrinsic] = {
    "dense_s8": Intrinsic(
        symbol="microtvm_dense_s8",
        header="microtvm/kernels/dense_s8.h",
        operators=(Conv2D, Dense),
        precondition=is_vectors,
        definition=dense_definition,
        meaning=dense_meaning,
    ),
    "dense_direct_s8": Intrinsic(
        symbol="microtvm_dense_direct_s8",
        header="microtvm/kernels/dense_direct_s8.h",
        operators=(Conv2D, Dense),
        precondition=is_vectors,
        definition=lambda sizes: kernel_definition(dense_direct_kernel(sizes)),
        meaning=lambda sizes: kernel_meaning(dense_direct_kernel(sizes)),
    ),
    "matmul_pairs_s8": Intrinsic(
        symbol="microtvm_matmul_pairs_s8",
        header="microtvm/kernels/matmul_pairs_s8.h",
        operators=(Conv2D, Dense),
        precondition=is_product,
        definition=matmul_definition,
        meaning=matmul_meaning,
    ),
    "matmul_s8": Intrinsic(
        symbol="microtvm_matmul_s8",
        header="microtvm/kernels/matmul_s8.h",
        operators=(Conv2D, Dense),
        precondition=is_product,
        definition=matmul_definition,
        meaning=matmul_meaning,
    ),
    "conv2d_s8": Intrinsic(
        symbol="microtvm_conv2d_s8",
        header="microtvm/kernels/conv2d_s8.h",
        operators=(Conv2D,),
        precondition=has_int8_data,
        definition=conv2d_definition,
        meaning=conv2d_meaning,
    ),
    "depthwise_s8": Intrinsic(
        symbol="microtvm_depthwise",
        header="microtvm/kernels/depthwise_s8.h",
        operators=(DepthwiseConv2D,),
        precondition=has_int8_data,
        definition=depthwise_definition,
        meaning=depthwise_meaning,
    ),
    **ELEMENTWISE,
    **INT16,
}

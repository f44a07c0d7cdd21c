# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The micro-kernels of int16 activations, part of the table of intrinsic_table.py."""

from __future__ import annotations

from collections.abc import Mapping

from microtvm.compiler.intrinsics import Intrinsic
from microtvm.compiler.meanings.add_int16 import add_int16_kernel
from microtvm.compiler.meanings.depthwise import depthwise_definition, depthwise_meaning
from microtvm.compiler.meanings.kernel_function import kernel_definition, kernel_meaning
from microtvm.compiler.meanings.pool import pool_kernel
from microtvm.compiler.meanings.product import (
    conv2d_definition,
    conv2d_meaning,
    matmul_definition,
    matmul_meaning,
)
from microtvm.compiler.operators import (
    Add,
    AveragePool2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    MaxPool2D,
    Operator,
)
from microtvm.compiler.preconditions import (
    has_int16_data,
    is_int16_pair,
    is_int16_product,
    is_int16_vector,
)


def _pool(name: str, operator: type[Operator]) -> Intrinsic:
    return Intrinsic(
        symbol=f"microtvm_{name}",
        header=f"microtvm/kernels/{name}.h",
        operators=(operator,),
        precondition=has_int16_data,
        definition=lambda sizes: kernel_definition(pool_kernel(sizes)),
        meaning=lambda sizes: kernel_meaning(pool_kernel(sizes)),
    )


INT16: Mapping[str, Intrinsic] = {
    "average_pool_s16": _pool("average_pool_s16", AveragePool2D),
    "max_pool_s16": _pool("max_pool_s16", MaxPool2D),
    "add_s16": Intrinsic(
        symbol="microtvm_",
        header="microtvm/kernels/add_s16.h",
        operators=(Add,),
        precondition=is_int16_pair,
        definition=lambda sizes: kernel_definition(add_int16_kernel(sizes)),
        meaning=lambda sizes: kernel_meaning(add_int16_kernel(sizes)),
    ),
    "dense_s16": Intrinsic(
        symbol="microtvm_dense_s16",
        header="microtvm/kernels/dense_s16.h",
        operators=(Dense,),
        precondition=is_int16_vector,
        definition=matmul_definition,
        meaning=matmul_meaning,
    ),
    "matmul_s16": Intrinsic(
        symbol="microtvm_matmul_s16",
        header="microtvm/kernels/matmul_s16.h",
        operators=(Dense,),
        precondition=is_int16_product,
        definition=matmul_definition,
        meaning=matmul_meaning,
    ),
    "conv2d_s16": Intrinsic(
        symbol="microtvm_conv2d_s16",
        header="microtvm/kernels/conv2d_s16.h",
        operators=(Conv2D,),
        precondition=has_int16_data,
        definition=conv2d_definition,
        meaning=conv2d_meaning,
    ),
    "depthwise_s16": Intrinsic(
        symbol="microtvm_depthwise",
        header="microtvm/kernels/depthwise_s16.h",
        operators=(DepthwiseConv2D,),
        precondition=has_int16_data,
        definition=depthwise_definition,
        meaning=depthwise_meaning,
    ),
}

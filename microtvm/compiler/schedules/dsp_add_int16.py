# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sums and differences of two int16 tensors of the same shape."""

from __future__ import annotations

from collections.abc import Sequence

from microtvm.compiler.access_order import element_wise_order
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.int16_intrinsics import INT16
from microtvm.compiler.meanings.add_int16 import AddInt16Meaning
from microtvm.compiler.operators import Add, Tensor
from microtvm.compiler.overlap import element_wise_overlaps
from microtvm.compiler.packing import Packed
from microtvm.compiler.packing_add_int16 import Int16Sum, pack_add_int16
from microtvm.compiler.schedules.kernel_layer import kernel_layer
from microtvm.compiler.schedules.rule import (
    BlockSizes,
    Work,
    kernel_rule,
)

_INTRINSIC = INT16["add_s16"]


def _packed(operator: Add) -> Packed:
    total = Int16Sum(operator.left_shift, operator.first, operator.second, operator.rescale)
    return pack_add_int16(total)


def _work(operator: Add, tensors: Sequence[Tensor], blocks: BlockSizes) -> Work:
    count = tensors[operator.output].elements
    return {"call": 1, f"element_{_packed(operator).form}": count}


def _define(operator: Add, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    packed, count = _packed(operator), tensors[operator.output].elements
    suffix = "s16" if packed.form == "fast" else "any_s16"
    meaning = AddInt16Meaning(
        count=count,
        element=f"microtvm_add_element_{suffix}",
        subtract=operator.subtract,
        words=packed.words.size,
        clamp=operator.clamp,
    )
    name = "subtract" if operator.subtract else "add"
    arguments = (count, *operator.clamp)
    return kernel_layer(name, _INTRINSIC, (meaning,), packed, arguments, variant=f"{name}_s16")


ADD_INT16 = kernel_rule(
    name="dsp_add_int16",
    intrinsic=_INTRINSIC,
    work=_work,
    define=_define,
    overlaps=element_wise_overlaps,
    order=element_wise_order,
)

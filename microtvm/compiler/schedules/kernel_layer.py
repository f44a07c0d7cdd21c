# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A layer that a micro-kernel computes."""

from __future__ import annotations

from typing import Any

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic, KernelCall
from microtvm.compiler.packing import Packed


def kernel_layer(
    name: str,
    intrinsic: Intrinsic,
    shape: tuple[Any, ...],
    packed: Packed | None,
    arguments: tuple[int, ...],
    *,
    variant: str = "",
) -> LayerFunction:
    """The layer's definition with the call that stands for it.

    Args:
        name: what the layer computes, as in LayerFunction.
        shape: what the intrinsic's definition and meaning are made from.
        packed: the layer's constant, None where it has none; its form ends the name of the C
            function.
        arguments: the integers that the C function takes behind its pointers.
        variant: goes into the C function's name before the type of its data, as in
            microtvm_depthwise_<variant>_s8_<form>.
    """
    symbol = f"{intrinsic.symbol}{variant}" + (f"_{packed.form}" if packed else "")
    return LayerFunction(
        name=name,
        function=intrinsic.definition(*shape),
        constants=(packed.words,) if packed else (),
        headers=(intrinsic.header,),
        call=KernelCall(symbol, intrinsic.meaning(*shape), arguments),
    )

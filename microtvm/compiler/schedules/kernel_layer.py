# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A layer that a micro-kernel computes."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic, KernelCall
from microtvm.compiler.packing import Packed


def kernel_layer(
    name: str,
    intrinsic: Intrinsic,
    shape: tuple[Any, ...],
    packed: Packed,
    arguments: tuple[int, ...],
    *,
    variant: str = "",
) -> LayerFunction:
    """The layer's definition with the call that stands for it.

    Args:
        name: what the layer computes, as in LayerFunction.
        shape: what the intrinsic's definition and meaning are made from.
        packed: the layer's constant; its form ends the name of the C function.
        arguments: the integers that the C function takes behind its pointers.
        variant: goes into the C function's name before the type of its data, as in
            microtvm_depthwise_<variant>_s8_<form>.
    """
    symbol = f"{intrinsic.symbol}{variant}_{packed.form}"
    return called_layer(name, intrinsic, shape, symbol, arguments, (packed.words,))


def called_layer(
    name: str,
    intrinsic: Intrinsic,
    shape: tuple[Any, ...],
    symbol: str,
    arguments: tuple[int, ...],
    constants: tuple[npt.NDArray[Any], ...] = (),
) -> LayerFunction:
    """The same with the name of the C function and any constants."""
    return LayerFunction(
        name=name,
        function=intrinsic.definition(*shape),
        constants=constants,
        headers=(intrinsic.header,),
        call=KernelCall(symbol, intrinsic.meaning(*shape), arguments),
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What follows the sums of convolutions and dense layers: the bias and the rescale of a channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from tvm import te

from microtvm.compiler.computes.expressions import (
    requantize,
    requantize_int16,
    requantize_once,
    requantize_wide,
    saturated_int32,
)
from microtvm.compiler.fixed_point import FixedPoints, reduced_multiplier
from microtvm.compiler.operators import Array
from microtvm.compiler.sum_bounds import int16_sums_fit_int32
from microtvm.compiler.wide_fixed_point import WideFixedPoints


@dataclass(frozen=True, eq=False)
class Epilogue:
    """Constants of one entry a channel, and what is done with them.

    Attributes:
        sum_type: of the sums, int32 or int64.
        constants: values of `parameters`.
        rescaled: from a sum without its bias, and the channel, to an int32 in units of the output.
    """

    sum_type: str
    parameters: tuple[Any, ...]
    constants: tuple[Array, ...]
    rescaled: Callable[[Any, Any], Any]


def twice_rounded_epilogue(bias: Array, rescale: FixedPoints) -> Epilogue:
    """Sums of 32 bits."""
    return _epilogue(requantize, "int32", bias, rescale.multiplier, rescale.shift)


def once_rounded_epilogue(bias: Array, rescale: FixedPoints) -> Epilogue:
    return _epilogue(requantize_once, "int32", bias, rescale.multiplier, rescale.shift)


def int16_epilogue(rows: Array, bias: Array, rescale: FixedPoints) -> Epilogue:
    """Sums of int16 inputs and `rows` of weights, by multipliers of 15 bits."""
    reduced = reduced_multiplier(rescale.multiplier).astype(np.int16)
    shift = (15 - rescale.shift).astype(np.int8)
    return _epilogue(requantize_int16, _sum_type(rows, bias), bias, reduced, shift)


def wide_epilogue(rows: Array, bias: Array, rescale: WideFixedPoints) -> Epilogue:
    """Sums of int16 inputs and `rows` of weights, by multipliers of 63 bits."""
    sum_type, shift = _sum_type(rows, bias), rescale.shift.astype(np.int8)

    def saturated(total: Any, *parameters: Any) -> Any:
        return requantize_wide(saturated_int32(total), *parameters)

    function = requantize_wide if sum_type == "int32" else saturated
    return _epilogue(function, sum_type, bias, rescale.high, rescale.low, shift)


def _sum_type(rows: Array, bias: Array) -> str:
    return "int32" if int16_sums_fit_int32(rows, bias) else "int64"


def _epilogue(
    function: Callable[..., Any], sum_type: str, bias: Array, *constants: Array
) -> Epilogue:
    values = (bias.astype(sum_type), *constants)
    names = ("bias", *_NAMES[len(constants)])
    parameters = tuple(
        te.placeholder(value.shape, str(value.dtype), name=name)
        for name, value in zip(names, values, strict=True)
    )

    def rescaled(total: Any, channel: Any) -> Any:
        entries = [parameter[channel] for parameter in parameters]
        return function(total + entries[0], *entries[1:])

    return Epilogue(sum_type, parameters, values, rescaled)


_NAMES = {2: ("multiplier", "shift"), 3: ("high", "low", "shift")}

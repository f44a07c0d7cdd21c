# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Integer expressions that several operators share; each calls one C function of requantize.h."""

from __future__ import annotations

from typing import Any

from tvm import te, tirx

from microtvm.compiler.operators import Clamp

REQUANTIZE_HEADER = "microtvm/kernels/requantize.h"


def requantize(value: Any, multiplier: Any, shift: Any) -> Any:
    """TFLite's MultiplyByQuantizedMultiplier with two roundings, on int32."""
    return tirx.call_pure_extern("int32", "microtvm_requantize", value, multiplier, shift)


def requantize_once(value: Any, multiplier: Any, shift: Any) -> Any:
    """TFLite's MultiplyByQuantizedMultiplier with one rounding, on int32."""
    return tirx.call_pure_extern("int32", "microtvm_requantize_once", value, multiplier, shift)


def requantize_int16(value: Any, multiplier: Any, shift: Any) -> Any:
    """TFLite's MultiplyByQuantizedMultiplier of an int64 by a multiplier of 15 bits."""
    arguments = (value.astype("int64"), multiplier.astype("int32"), shift.astype("int32"))
    return tirx.call_pure_extern("int32", "microtvm_requantize_int16", *arguments)


def requantize_wide(value: Any, high: Any, low: Any, shift: Any) -> Any:
    """Product of an int32 and a multiplier of 63 bits, with one rounding."""
    arguments = (value, high, low, shift.astype("int32"))
    return tirx.call_pure_extern("int32", "microtvm_requantize_wide", *arguments)


def saturated_int32(value: Any) -> Any:
    """The nearest int32 but the lowest, of an int64."""
    limit = tirx.const(2**31 - 1, "int64")
    return te.max(te.min(value, limit), -limit).astype("int32")


def clamped(value: Any, clamp: Clamp, dtype: str) -> Any:
    """An int32 expression limited to `clamp`, as the integer type of activations."""
    low, high = clamp
    return te.max(te.min(value, high), low).astype(dtype)

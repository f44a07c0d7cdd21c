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


def clamped_int8(value: Any, clamp: Clamp) -> Any:
    """An int32 expression limited to `clamp` as int8."""
    low, high = clamp
    return te.max(te.min(value, high), low).astype("int8")

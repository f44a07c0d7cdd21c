# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""numpy values and types as C text."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import numpy.typing as npt

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "uint16": "uint16_t",
    "int32": "int32_t",
    "uint32": "uint32_t",
    "int64": "int64_t",
    "uint64": "uint64_t",
    "float32": "float",
    "float64": "double",
    "bool": "bool",
}


def c_array(data: npt.NDArray[Any]) -> str:
    """The array's values in C order, in lines of at most 100 columns."""
    text = ", ".join(_values(data.reshape(-1)))
    return textwrap.fill(text, 92, initial_indent="\t", subsequent_indent="\t")


def _values(flat: npt.NDArray[Any]) -> list[str]:
    if flat.dtype.kind == "f":
        suffix = "f" if flat.dtype.itemsize == 4 else ""
        return [_real(float(value), suffix) for value in flat]
    if flat.dtype.kind == "b":
        return ["true" if value else "false" for value in flat]
    if flat.dtype.kind == "u":
        return [f"{number}u" for number in flat.tolist()]
    # -2147483648 is, in C, the negation of a number that does not fit.
    lowest = {-(2**31): "INT32_MIN", -(2**63): "INT64_MIN"}
    return [lowest.get(number, str(number)) for number in flat.tolist()]


def _real(value: float, suffix: str) -> str:
    if np.isnan(value):
        return "NAN"
    if np.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    return value.hex() + suffix

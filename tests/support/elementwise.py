# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of ADD, SUB and MUL."""

from __future__ import annotations

import tflite
from tflite_writer import Options

from support.single_operator import ACTIVATIONS, Operand, single_operator

_OPERATORS = {
    "add": (tflite.BuiltinOperator.ADD, "AddOptions"),
    "sub": (tflite.BuiltinOperator.SUB, "SubOptions"),
    "mul": (tflite.BuiltinOperator.MUL, "MulOptions"),
}


def binary(
    name: str,
    first: Operand,
    second: Operand,
    output: Operand,
    activation: str = "none",
    *,
    power_of_two: bool = False,
) -> bytes:
    """`name` is "add", "sub" or "mul"; an operand with data is a constant.

    `power_of_two` is the option pot_scale_int16, whose default in the schema is true.
    """
    builtin, options = _OPERATORS[name]
    fields = {"fused_activation_function": ACTIVATIONS[activation]}
    if name != "mul":
        fields["pot_scale_int16"] = power_of_two
    return single_operator(
        builtin,
        [first, second],
        [output],
        Options(options, fields),
        version=2 if output.dtype == "int8" else 1,
    )

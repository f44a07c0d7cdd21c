# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A network as text, one operator a line, to be read and compared."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint, FixedPoints
from microtvm.compiler.operators import Network, Operator, Tensor, Window
from microtvm.compiler.wide_fixed_point import WideFixedPoints


def network_text(network: Network) -> str:
    """The tensors, then the operators in the order in which they run."""
    lines = [f"%{index} = {tensor_text(tensor)}" for index, tensor in enumerate(network.tensors)]
    lines += [_operator(operator) for operator in network.operators]
    lines.append(f"inputs {_references(network.inputs)}, outputs {_references(network.outputs)}")
    return "\n".join(lines)


def tensor_text(tensor: Tensor) -> str:
    """Type, shape and quantisation, then the model's name."""
    shape = "x".join(str(size) for size in tensor.shape) or "scalar"
    scale = "" if tensor.scale is None else f" {tensor.scale:.6g} * (q - {tensor.zero_point})"
    constant = "" if tensor.data is None else " constant"
    return f"{tensor.dtype} {shape}{scale}{constant}  # {tensor.name}"


def _references(indices: tuple[int, ...]) -> str:
    return ", ".join(f"%{index}" for index in indices)


def _operator(operator: Operator) -> str:
    own = [field.name for field in fields(operator) if field.name not in ("inputs", "output")]
    values = ", ".join(f"{name}={_value(getattr(operator, name))}" for name in own)
    return f"%{operator.output} = {operator.kind}({_references(operator.inputs)}) {values}".rstrip()


def _value(value: Any) -> str:
    if isinstance(value, FixedPoint):
        return f"{value.multiplier / 2.0**31 * 2.0**value.shift:.6g}"
    if isinstance(value, FixedPoints | WideFixedPoints):
        bits = 31.0 if isinstance(value, FixedPoints) else 63.0
        reals = value.multiplier * np.exp2(value.shift - bits)
        return f"[{value.multiplier.size}: {reals.min():.6g} to {reals.max():.6g}]"
    if isinstance(value, np.ndarray):
        return f"{value.dtype}[{'x'.join(str(size) for size in value.shape)}]"
    if isinstance(value, Window):
        return f"{value.size} strides {value.strides} dilation {value.dilation} pad {value.padding}"
    return str(value) if isinstance(value, str | int | float | bool | tuple) else "..."

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Questions that a rule asks of a Relax function in QDQ form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tvm import ir, relax

from microtvm.compiler.model_file import TensorInfo
from microtvm.compiler.operators import Clamp, Tensor

# The range of each type of quantised activations.
LIMITS: Mapping[str, Clamp] = {"int8": (-128, 127), "int16": (-32768, 32767)}


@dataclass(frozen=True, eq=False)
class QuantizedConstant:
    """A constant under a dequantize, after the reshapes and transposes that follow it.

    Attributes:
        values: the integers in their final shape.
        scales: float32, one entry, or one a slice along `axis` of `values`.
        zero_point: one for all.
    """

    values: npt.NDArray[Any]
    scales: npt.NDArray[np.float32]
    zero_point: int

    def scales_for(self, channels: int) -> npt.NDArray[np.float64]:
        """One scale a channel, in double precision as TFLite multiplies them."""
        return np.broadcast_to(self.scales.astype(np.float64), (channels,))


class QdqGraph:
    """The bindings of a Relax function, and the tensors that its variables are.

    Tensors are numbered as rules ask for them; `tensors` is the list of all so far.
    """

    def __init__(self, function: Any, sources: Mapping[str, TensorInfo]) -> None:
        self.bindings: dict[Any, Any] = {}
        self.order: list[Any] = []
        for block in function.body.blocks:
            for binding in block.bindings:
                self.bindings[binding.var] = binding.value
                self.order.append(binding.var)
        self.sources = sources
        self.tensors: list[Tensor] = []
        self._indices: dict[Any, int] = {}
        self._quantization: dict[Any, tuple[float, int]] = {}
        for variable, value in self.bindings.items():
            self._note_quantization(variable, value)

    def _note_quantization(self, variable: Any, value: Any) -> None:
        if call_name(value) == "quantize":
            self._quantization[variable] = _scale_and_zero_point(value)
        elif call_name(value) == "dequantize" and isinstance(value.args[0], relax.Var):
            self._quantization.setdefault(value.args[0], _scale_and_zero_point(value))

    def resolve(self, expression: Any) -> Any:
        """What a variable is bound to; other expressions, and named tensors, as they are."""
        while expression in self.bindings and not self.is_tensor(expression):
            expression = self.bindings[expression]
        return expression

    def is_tensor(self, expression: Any) -> bool:
        """Whether this is a variable for a tensor of the model."""
        return isinstance(expression, relax.Var) and expression.name in self.sources

    def call(self, expression: Any, *names: str) -> Any | None:
        """The call behind `expression` if it is one of the Relax operators `names`."""
        value = self.resolve(expression)
        return value if call_name(value) in names else None

    def tensor_of(self, variable: Any) -> int:
        """The number of the tensor that a named variable is."""
        if variable not in self._indices:
            info = self.sources[variable.name]
            scale, zero_point = self._quantization.get(variable, (None, 0))
            if scale is None and info.quantized:
                scale, zero_point = info.scales[0], info.zero_points[0]
            self._indices[variable] = self.add(
                Tensor(info.name, info.shape, info.dtype, scale, zero_point, info.index)
            )
        return self._indices[variable]

    def add(self, tensor: Tensor) -> int:
        """Adds a tensor that no variable stands for, such as a constant operand."""
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def dequantized(self, expression: Any) -> int | None:
        """The tensor under `dequantize(tensor)`; a constant becomes a constant tensor."""
        call = self.call(expression, "dequantize")
        if call is None:
            constant = self.constant(expression)
            return None if constant is None else self._add_constant(constant)
        if self.is_tensor(call.args[0]):
            return self.tensor_of(call.args[0])
        constant = self.constant(expression)
        return None if constant is None else self._add_constant(constant)

    def _add_constant(self, constant: QuantizedConstant) -> int | None:
        dtype = str(constant.values.dtype)
        if constant.scales.size != 1 or dtype not in LIMITS:
            return None
        return self.add(
            Tensor(
                f"constant_{len(self.tensors)}",
                tuple(constant.values.shape),
                dtype,
                float(constant.scales[0]),
                constant.zero_point,
                data=constant.values,
            )
        )

    def constant(self, expression: Any) -> QuantizedConstant | None:
        """The constant under dequantize, reshape and permute_dims, in any order."""
        call = self.call(expression, "dequantize", "multiply", "reshape", "permute_dims")
        if call is None:
            return None
        name = call_name(call)
        if name == "multiply":
            return self._int64_constant(call)
        if name == "dequantize":
            values = constant_value(call.args[0])
            scales = constant_value(call.args[1])
            if values is None or scales is None:
                return None
            zero_point = int(np.asarray(constant_value(call.args[2])).reshape(-1)[0])
            return QuantizedConstant(values, np.atleast_1d(scales), zero_point)
        inner = self.constant(call.args[0])
        if inner is None:
            return None
        if name == "reshape":
            shape = tuple(int(size) for size in call.ty.shape)
            values = inner.values.reshape(shape)
        else:
            values = inner.values.transpose(permutation(call))
        return QuantizedConstant(values, inner.scales, inner.zero_point)

    def _int64_constant(self, product: Any) -> QuantizedConstant | None:
        """astype(values) * scales, which stands for the dequantize that Relax lacks for int64."""
        cast = self.call(product.args[0], "astype")
        values = None if cast is None else constant_value(cast.args[0])
        scales = constant_value(product.args[1])
        if values is None or scales is None or values.dtype != np.int64:
            return None
        return QuantizedConstant(values, np.atleast_1d(scales), 0)


@dataclass(frozen=True, eq=False)
class Site:
    """One quantised tensor of the model: what a rule looks at.

    Attributes:
        value: the float expression under the quantize.
        output: number of the tensor that the quantize writes.
    """

    graph: QdqGraph
    value: Any
    output: int

    @property
    def tensor(self) -> Tensor:
        return self.graph.tensors[self.output]

    def same_quantization(self, index: int) -> bool:
        """Whether a tensor has the output's scale and zero point."""
        tensor = self.graph.tensors[index]
        return (tensor.scale, tensor.zero_point) == (self.tensor.scale, self.tensor.zero_point)

    def without_activation(self) -> tuple[Any, Clamp]:
        """The expression under a fused relu or clip, and the range that TFLite clamps to.

        The bounds are zero_point + round(bound / scale) in float32, halves away from zero.
        """
        call = self.graph.call(self.value, "nn.relu", "clip", "nn.relu6")
        lowest, highest = LIMITS[self.tensor.dtype]
        if call is None:
            return self.value, (lowest, highest)
        low, high = activation_bounds(call)
        if low is not None:
            lowest = max(lowest, _quantized_bound(low, self.tensor))
        if high is not None:
            highest = min(highest, _quantized_bound(high, self.tensor))
        return call.args[0], (lowest, highest)


def activation_bounds(call: Any) -> tuple[float | None, float | None]:
    """The real bounds of a call of nn.relu, nn.relu6 or clip."""
    name = call_name(call)
    if name == "nn.relu":
        return 0.0, None
    if name == "nn.relu6":
        return 0.0, 6.0
    return scalar(call.args[1]), scalar(call.args[2])


def scalar(expression: Any) -> float:
    """The number that a Relax PrimValue or constant holds."""
    value = getattr(expression, "value", expression)
    value = getattr(value, "value", value)
    return float(value.numpy()) if hasattr(value, "numpy") else float(value)


def _quantized_bound(bound: float, tensor: Tensor) -> int:
    assert tensor.scale is not None
    with np.errstate(over="ignore"):
        ratio = float(np.float32(bound) / np.float32(tensor.scale))
    if not abs(ratio) < 2**31:
        raise ValueError(f"an activation's bound {bound} at scale {tensor.scale}")
    return tensor.zero_point + int(np.trunc(ratio + np.copysign(0.5, ratio)))


def call_name(expression: Any) -> str:
    """The Relax operator of a call without its "relax." prefix; "" for anything else."""
    if isinstance(expression, relax.Call) and isinstance(expression.op, ir.Op):
        return str(expression.op.name).removeprefix("relax.")
    return ""


def constant_value(expression: Any) -> npt.NDArray[Any] | None:
    """The numpy value of a Relax constant, or None."""
    value: Any = getattr(expression, "value", None)
    return np.asarray(value.numpy()) if hasattr(value, "numpy") else None


def permutation(call: Any) -> tuple[int, ...]:
    """The axes of a permute_dims call."""
    return tuple(int(axis) for axis in call.attrs.axes)


def _scale_and_zero_point(call: Any) -> tuple[float, int]:
    scales = np.atleast_1d(np.asarray(constant_value(call.args[1])))
    points = np.atleast_1d(np.asarray(constant_value(call.args[2])))
    return float(scales[0]), int(points[0])

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Element-wise int8 functions as tables of 256 bytes, indexed by q + 128.

Each table holds what TFLite's reference kernel gives for that input. Where that kernel computes in
float32, so does this, with elementary functions rounded correctly (most C libraries' are).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoint, high_multiply, rounding_divide

Int8Array = npt.NDArray[np.int8]
Int64Array = npt.NDArray[np.int64]
_INT8 = (-128, 127)
_INT16 = (-(2**15), 2**15 - 1)

# What a stand-alone activation clamps to, in real numbers.
RELU_BOUNDS: Mapping[str, tuple[float, float]] = {
    "relu": (0.0, math.inf),
    "relu6": (0.0, 6.0),
    "relu_n1_to_1": (-1.0, 1.0),
    "relu_0_to_1": (0.0, 1.0),
}


@dataclass(frozen=True)
class Quantization:
    """real = scale * (q - zero_point), with a scale that float32 holds exactly."""

    scale: float
    zero_point: int


def logistic(source: Quantization, target: Quantization) -> Int8Array:
    return _float32_table(source, target, _logistic)


def tanh(source: Quantization, target: Quantization) -> Int8Array:
    return _float32_table(source, target, lambda x: np.tanh(x.astype(np.float64)))


def relu(name: str, source: Quantization, target: Quantization) -> Int8Array:
    """A stand-alone activation of RELU_BOUNDS, which may also change the scale."""
    point = FixedPoint.from_real(_divide(source.scale, target.scale))
    result = target.zero_point + _rescale(_inputs() - source.zero_point, point)
    low, high = RELU_BOUNDS[name]
    result = np.maximum(result, target.zero_point + _round_away(_divide(low, target.scale)))
    if math.isfinite(high):
        result = np.minimum(result, target.zero_point + _round_away(_divide(high, target.scale)))
    return _saturate(result)


def leaky_relu(source: Quantization, target: Quantization, alpha: float) -> Int8Array:
    """Identity for x >= 0 and `alpha` * x below, each with its own rescale; alpha has any sign."""
    with np.errstate(over="ignore"):
        steepness = float(np.float32(source.scale) * np.float32(alpha))
    slope = FixedPoint.from_real(_divide(steepness, target.scale))
    identity = FixedPoint.from_real(_divide(source.scale, target.scale))
    magnitude = FixedPoint(abs(slope.multiplier), slope.shift)
    centred = _inputs() - source.zero_point
    below = _rescale(centred, magnitude) * (-1 if slope.multiplier < 0 else 1)
    return _saturate(target.zero_point + np.where(centred >= 0, _rescale(centred, identity), below))


def requantize(source: Quantization, target: Quantization) -> Int8Array:
    """QUANTIZE from int8 to int8."""
    point = FixedPoint.from_real(source.scale / target.scale)
    return _saturate(target.zero_point + _rescale(_inputs() - source.zero_point, point))


def hard_swish(source: Quantization, target: Quantization) -> Int8Array:
    """x * relu6(x + 3) / 6 in 16-bit fixed point.

    Raises:
        ValueError: a scale for which TFLite's 16-bit arithmetic has no meaning.
    """
    fine_scale = float(np.float32(1 / 128) * np.float32(source.scale))
    output = FixedPoint.from_real(_divide(fine_scale, target.scale))
    gate = FixedPoint.from_real(_divide(fine_scale, 3 / 32768))
    if not -15 <= output.shift <= 0 or gate.shift < -15:
        raise ValueError(f"hard swish from scale {source.scale} to scale {target.scale}")
    fine_input = (_inputs() - source.zero_point) * 128
    scaled = _high_multiply16(fine_input, _multiplier16(output))
    product = _truncated_multiply16(_hard_swish_gate(fine_input, gate), scaled)
    return _saturate(target.zero_point + rounding_divide(product, -output.shift))


def _hard_swish_gate(fine_input: Int64Array, point: FixedPoint) -> Int64Array:
    """relu6(x + 3) / 6 with 15 fractional bits; all shifts left but the last bit saturate early."""
    value = fine_input
    if point.shift > 0:
        value = _saturate16(value << (point.shift - 1))
    value = _high_multiply16(value, _multiplier16(point))
    if point.shift > 0:
        value = _saturate16(value << 1)
    if point.shift < 0:
        value = rounding_divide(value, -point.shift)
    return (value + 2**15) >> 1


def _inputs() -> Int64Array:
    return np.arange(-128, 128, dtype=np.int64)


def _saturate(values: npt.NDArray[np.int64]) -> Int8Array:
    return np.clip(values, *_INT8).astype(np.int8)


def _saturate16(values: Int64Array) -> Int64Array:
    return np.clip(values, *_INT16)


def _rescale(values: Int64Array, point: FixedPoint) -> Int64Array:
    """MultiplyByQuantizedMultiplier with its two roundings; its shift left wraps at 32 bits."""
    wrapped = (values << max(point.shift, 0)).astype(np.int32)
    return rounding_divide(high_multiply(wrapped, point.multiplier), max(-point.shift, 0))


def _multiplier16(point: FixedPoint) -> int:
    """The upper half of a multiplier, rounded, at most 2**15 - 1."""
    return min((point.multiplier + 2**15) >> 16, 2**15 - 1)


def _high_multiply16(values: Int64Array, multiplier: int) -> Int64Array:
    """round(a * b / 2**15), halves up, for a multiplier that is not negative."""
    return (values * multiplier + 2**14) >> 15


def _truncated_multiply16(first: Int64Array, second: Int64Array) -> Int64Array:
    """a * b / 2**15, rounded towards zero."""
    product = first * second
    return np.where(product < 0, -(-product >> 15), product >> 15)


def _round_away(value: float) -> int:
    """C's round() to 32 bits: halves away from zero."""
    if not abs(value) < 2**31:
        raise ValueError(f"{value} as a 32-bit integer")
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def _divide(numerator: float, denominator: float) -> float:
    """The quotient in float32; infinite where it is too large."""
    with np.errstate(over="ignore"):
        return float(np.float32(numerator) / np.float32(denominator))


def _float32_table(
    source: Quantization,
    target: Quantization,
    function: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.floating]],
) -> Int8Array:
    """quantize(function(dequantize(q))) in float32, with the reciprocal of the output's scale."""
    inverse = _divide(1.0, target.scale)
    if not math.isfinite(inverse):
        raise ValueError(f"the reciprocal of the scale {target.scale}")
    with np.errstate(over="ignore"):
        real = np.float32(source.scale) * (_inputs() - source.zero_point).astype(np.float32)
        scaled = function(real).astype(np.float32) * np.float32(inverse)
    rounded = np.copysign(np.floor(np.abs(scaled.astype(np.float64)) + 0.5), scaled)
    table: Int8Array = np.clip(rounded + target.zero_point, *_INT8).astype(np.int8)
    return table


def _logistic(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    one = np.float32(1)
    return one / (one + np.exp(-values.astype(np.float64)).astype(np.float32))

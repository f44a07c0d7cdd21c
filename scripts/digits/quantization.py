# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From real numbers to int8 as TFLite defines it: real = scale * (integer - zero point)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digits.layers import Array

_LOW, _HIGH = -128, 127
_WEIGHT_LIMIT = 127


@dataclass(frozen=True)
class Quantization:
    """The scale and zero point of a tensor of activations."""

    scale: float
    zero_point: int

    @classmethod
    def of(cls, values: Array) -> Quantization:
        """Spans the values' range, widened to contain zero, which is represented exactly."""
        low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
        scale = float(np.float32((high - low) / (_HIGH - _LOW)))
        if scale == 0.0:
            return cls(scale=1.0, zero_point=0)
        return cls(scale=scale, zero_point=int(np.clip(round(_LOW - low / scale), _LOW, _HIGH)))

    def quantize(self, values: Array) -> npt.NDArray[np.int8]:
        integers = np.rint(values / self.scale) + self.zero_point
        return np.asarray(np.clip(integers, _LOW, _HIGH), dtype=np.int8)


def quantize_weight(weight: Array, axis: int | None) -> tuple[npt.NDArray[np.int8], Array]:
    """Symmetric int8 weights and their scales, one for each index of `axis`, or one in all."""
    others = tuple(other for other in range(weight.ndim) if axis is None or other != axis)
    peaks = np.abs(weight).max(axis=others, keepdims=True)
    scales = np.where(peaks > 0, peaks / _WEIGHT_LIMIT, 1.0).astype(np.float32)
    integers = np.clip(np.rint(weight / scales), -_WEIGHT_LIMIT, _WEIGHT_LIMIT)
    return integers.astype(np.int8), scales.ravel().astype(np.float64)


def quantize_bias(bias: Array, scales: Array) -> npt.NDArray[np.int32]:
    """A bias in units of input scale times weight scale."""
    limits = np.iinfo(np.int32)
    return np.clip(np.rint(bias / scales), limits.min, limits.max).astype(np.int32)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random shapes, scales and constants that are the same in each run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from support.single_operator import ACTIVATIONS, Quantized

# Sizes at and around the widths of registers and of loads.
LANES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33)
T = TypeVar("T")


class Draws:
    """A stream of choices from one seed.

    Attributes:
        dtype: of the tensors that are drawn, "int8" or "int16".
    """

    def __init__(self, seed: int, dtype: str = "int8") -> None:
        self._generator = np.random.default_rng(seed)
        self.dtype = dtype

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self._generator.integers(len(choices)))]

    def lane(self) -> int:
        return self.one_of(LANES)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return int(self._generator.integers(low, high + 1))

    def number(self, low: float, high: float) -> float:
        return float(self._generator.uniform(low, high))

    def chance(self) -> bool:
        return bool(self._generator.integers(2))

    def activation(self) -> str:
        return self.one_of(tuple(ACTIVATIONS))

    def quantized(self, low: float = -7.0, high: float = -3.0) -> Quantized:
        """A scale from 2**low to 2**high, and a zero point that is an extreme one time in four.

        At int16 a scale 256 times as fine, and no zero point.
        """
        if self.dtype == "int16":
            fine = 2.0 ** self._generator.uniform(low - 8.0, high - 8.0)
            return Quantized(float(np.float32(fine)), 0, "int16")
        scale = float(np.float32(2.0 ** self._generator.uniform(low, high)))
        points = (self.between(-128, 127), self.between(-20, 20), self.one_of((-128, 127, 0)))
        return Quantized(scale, points[self.one_of((0, 0, 1, 2))])

    def values(self, shape: Sequence[int]) -> npt.NDArray[Any]:
        """Elements over all of `dtype`."""
        kind = np.dtype(self.dtype)
        limits = np.iinfo(kind)
        return self._generator.integers(
            limits.min, limits.max, tuple(shape), dtype=kind, endpoint=True
        )

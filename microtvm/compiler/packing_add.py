# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The parameters of zephyr_app/include/microtvm/kernels/add_s8.h."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microtvm.compiler.fixed_point import FixedPoint, multiply_twice_rounded
from microtvm.compiler.packing import Packed

SUM_FORMS = ("near", "ties", "any")
Int64Array = npt.NDArray[np.int64]

_INPUTS = np.arange(-128, 128, dtype=np.int64)
_ANY_OPERAND_WORDS = 4
_FAR = 2**40  # beyond any sum
_SHIFT = 20  # of the sum, to the output
_INPUT_BITS = 8  # an input is the upper byte of 16 bits, the lower one of a product is dropped
# Sums of 32 bits less 20 of them.
_LARGEST_OUTPUT = 2.0**11


@dataclass(frozen=True)
class Sum:
    """out = clamp(zero_points[2] + rescale(first((a - zp) << left_shift) +- second(...))).

    Attributes:
        zero_points: of the operands and of the output.
        subtract: whether the second operand is taken from the first.
    """

    left_shift: int
    first: FixedPoint
    second: FixedPoint
    rescale: FixedPoint
    zero_points: tuple[int, int, int]
    clamp: tuple[int, int] = (-128, 127)
    subtract: bool = False

    def outputs(self) -> Int64Array:
        """TFLite's output for each pair of inputs, [256, 256]."""
        first, second = (
            _rescaled((_INPUTS - zero_point) << self.left_shift, scale)
            for zero_point, scale in zip(
                self.zero_points[:2], (self.first, self.second), strict=True
            )
        )
        total = first[:, np.newaxis] + (-second if self.subtract else second)
        return np.clip(_rescaled(total, self.rescale) + self.zero_points[2], *self.clamp)


def pack_add(total: Sum) -> Packed:
    """For microtvm_add_s8_<form>: the first form that gives TFLite's output for every pair."""
    outputs = total.outputs()
    for form, words in _fast_forms(total):
        offset = _offset(_sums(form, words), outputs, total.clamp)
        if offset is not None:
            place = 3 if form == "ties" else 2
            words[place] += offset
            return Packed(form, np.array(words, np.int64).astype(np.int32))
    return Packed("any", _any_words(total))


def swap_operands(packed: Packed) -> Packed:
    """For a kernel that is given the second operand first."""
    width = 1 if packed.form in ("near", "ties") else _ANY_OPERAND_WORDS
    first, second, rest = np.split(packed.words, (width, 2 * width))
    return Packed(packed.form, np.concatenate([second, first, rest]))


def _rescaled(values: Int64Array, scale: FixedPoint) -> Int64Array:
    return multiply_twice_rounded(values, scale.multiplier, scale.shift)


def _real(scale: FixedPoint) -> float:
    return float(scale.multiplier * 2.0 ** (scale.shift - 31))


def _fast_forms(total: Sum) -> Iterator[tuple[str, list[int]]]:
    """Forms with words that still lack the offset or the rounding, which is the last one."""
    unit = _real(total.rescale) * 2.0**total.left_shift
    factors = (_real(total.first) * unit, _real(total.second) * unit)
    if 256 * sum(factors) + 256 >= _LARGEST_OUTPUT:
        return
    first, second = (round(factor * 2.0 ** (_SHIFT + _INPUT_BITS)) for factor in factors)
    second = -second if total.subtract else second
    yield "near", [first, second, 0, 0]
    zero = [
        int(_products(factor)[zero_point + 128])
        for factor, zero_point in zip((first, second), total.zero_points[:2], strict=True)
    ]
    yield "ties", [first, second, -sum(zero), 0]


def _products(factor: int) -> Int64Array:
    """Of each input, as SMLAWB computes them."""
    return (factor * (_INPUTS << _INPUT_BITS)) >> 16


def _sums(form: str, words: list[int]) -> Int64Array:
    """For each pair of inputs, before the shift; what is still to be added to all, left out."""
    total = _products(words[0])[:, np.newaxis] + _products(words[1]) + words[2]
    return total + (total >> 31) if form == "ties" else total


def _offset(sums: Int64Array, outputs: Int64Array, clamp: tuple[int, int]) -> int | None:
    """A number that brings each sum to its output, None if there is none.

    What is to be clamped anyway may be any number beyond.
    """
    low, high = clamp
    lowest = ((outputs << _SHIFT) - sums)[outputs > low]
    highest = (((outputs + 1) << _SHIFT) - 1 - sums)[outputs < high]
    least, most = int(lowest.max(initial=-_FAR)), int(highest.min(initial=_FAR))
    bounds = [bound for bound in (least, most) if abs(bound) < _FAR]
    # Where every output is the lowest or the highest, one side has no bound.
    return sum(bounds) // max(len(bounds), 1) if least <= most else None


def _any_words(total: Sum) -> npt.NDArray[np.int32]:
    words: list[int] = []
    operands = zip(total.zero_points[:2], (total.first, total.second), (1, -1), strict=True)
    for zero_point, scale, sign in operands:
        words.extend((zero_point, scale.multiplier, scale.shift, sign if total.subtract else 1))
    words.extend((1 << total.left_shift, total.rescale.multiplier, total.rescale.shift))
    return np.array([*words, total.zero_points[2]], np.int64).astype(np.int32)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The rescales of operators with more than one, from their tensors' scales, as TFLite has them.

Scales are float32 in the model file; where TFLite divides or multiplies them in float32 before it
goes on in double precision, so does this.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint

# Both operands of an addition are shifted left by this before they are rescaled.
ADD_LEFT_SHIFT = 20


@dataclass(frozen=True)
class AddRescales:
    """What brings the operands to one scale, and their sum to the output's."""

    first: FixedPoint
    second: FixedPoint
    output: FixedPoint


def add_rescales(first: float, second: float, output: float) -> AddRescales:
    """For ADD and SUB.

    Raises:
        ValueError: the output's scale is 2**19 times finer than the inputs' or more, or a ratio is
            0; TFLite refuses both.
    """
    common = 2.0 * max(first, second)
    real = common / (2.0**ADD_LEFT_SHIFT * output)
    rescales = AddRescales(
        *(FixedPoint.from_real(number) for number in (first / common, second / common, real))
    )
    if not 0.0 < real < 1.0 or rescales.output.shift > 0:
        raise ValueError(f"addition of scales {first} and {second} to scale {output}")
    return rescales


def multiply_rescale(first: float, second: float, output: float) -> FixedPoint:
    """For MUL; raises ValueError where the quotient is too large."""
    with np.errstate(over="ignore"):
        real = np.float32(first) * np.float32(second) / np.float32(output)
    return FixedPoint.from_real(float(real))


def mean_rescale(source: float, target: float, count: int) -> FixedPoint:
    """The scales' ratio divided by `count`: less accurate than it could be, as TFLite does it."""
    ratio = FixedPoint.from_real(source / target)
    shift = min(count.bit_length() - 1, 32, 31 + ratio.shift)
    return FixedPoint((ratio.multiplier << shift) // count, ratio.shift - shift)

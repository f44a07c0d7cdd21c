# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How large a layer's sums can get: what decides how many bits they are kept in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from microtvm.compiler.operators import Array, Clamp

Int64Array = npt.NDArray[np.int64]

INT32: Clamp = (-(2**31), 2**31 - 1)
# -32768, the number of int16 that is farthest from its zero point, 0.
_FARTHEST_INT16 = 2**15


def sum_bounds(rows: Array, bias: Array, inputs: Clamp) -> tuple[Int64Array, Int64Array]:
    """The lowest and the highest sum of each output, bias included.

    Args:
        rows: weights less their zero point, [outputs, terms].
        bias: [outputs].
        inputs: the lowest and the highest input less its zero point, 0 between them.
    """
    values = rows.astype(np.int64)
    above = np.maximum(values, 0).sum(axis=1)
    below = np.minimum(values, 0).sum(axis=1)
    low, high = inputs
    offset = bias.astype(np.int64)
    return offset + above * low + below * high, offset + above * high + below * low


def int16_sums_fit_int32(rows: Array, bias: Array) -> bool:
    """Whether no sum of int16 inputs, partial ones included, leaves 32 bits."""
    largest = np.abs(rows.astype(np.int64)).sum(axis=1) * _FARTHEST_INT16
    return bool((largest + np.abs(bias.astype(np.int64)) <= INT32[1]).all())

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Arrays of integers as the words of a kernel's constant: padding, narrowing, wrapping."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Words = npt.NDArray[np.int32]


def padded(count: int, multiple: int) -> int:
    """The next multiple from `count` on."""
    return -(-count // multiple) * multiple


def padded_rows(values: Array, rows: int, columns: int) -> Array:
    """The matrix with zeros below and to the right, to multiples of `rows` and `columns`."""
    height, width = values.shape
    extra = (padded(height, rows) - height, padded(width, columns) - width)
    return np.pad(values, ((0, extra[0]), (0, extra[1])))


def narrowed(values: Array, dtype: str) -> Array:
    """As a narrower type that holds each of the values.

    Raises:
        ValueError: it does not.
    """
    narrow = values.astype(dtype)
    if not np.array_equal(narrow, values):
        raise ValueError(f"weights from {values.min()} to {values.max()} do not fit {dtype}")
    return narrow


def as_words(values: Array) -> Words:
    """The bytes of the values, four a word, in their order."""
    words: Words = np.ascontiguousarray(values).reshape(-1).view("<i4").astype(np.int32)
    return words


def wrapped(values: Array) -> Words:
    """The low 32 bits, as the kernels' sums wrap around."""
    words: Words = values.astype(np.int64).astype(np.int32)
    return words


def wrapped_twice(values: Array) -> Words:
    """The low and the high 32 bits, in two words along a new last axis."""
    wide = values.astype(np.int64)
    return np.stack([wrapped(wide & 0xFFFFFFFF), wrapped(wide >> 32)], axis=-1)

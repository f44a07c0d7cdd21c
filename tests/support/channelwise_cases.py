# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The files of cases that tests/kernels/channelwise.c and elementwise.c run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

DEPTHWISE, END = 0, -1
_ARGUMENTS = 24


@dataclass(frozen=True, eq=False)
class Case:
    """One call of a kernel.

    Attributes:
        form: which of the operation's functions, as the program numbers them.
        data: all inputs, one after the other.
        words: constants.
        offsets: of data and of output, from a multiple of 8.
    """

    operation: int
    form: int
    arguments: tuple[int, ...]
    data: Array
    words: Array
    scratch_bytes: int
    expected: Array
    offsets: tuple[int, int]

    def encode(self) -> bytes:
        """As cases.h reads it."""
        header = (
            *(self.operation, self.form, *self.offsets),
            *(self.data.nbytes, self.words.size, self.scratch_bytes, self.expected.nbytes),
            *self.arguments,
            *(0,) * (_ARGUMENTS - len(self.arguments)),
        )
        parts = (np.array(header, "<i4"), self.data, self.words.astype("<i4"), self.expected)
        return b"".join(_to_words(part.tobytes()) for part in parts)


def encode_cases(cases: Iterable[Case]) -> bytes:
    """The file of a test program."""
    return b"".join(case.encode() for case in cases) + np.array(END, "<i4").tobytes()


def draw_offsets(draw: np.random.Generator) -> tuple[int, int]:
    """Half of the cases aligned."""
    if draw.integers(2):
        return 0, int(draw.integers(4))
    return int(draw.integers(8)), int(draw.integers(4))


def check_printed(printed: str, count: int) -> int:
    """Asserts that all cases went well; returns how many bytes of stack they took."""
    match = re.search(r"^(\d+) cases, (\d+) bytes of stack$", printed, re.MULTILINE)
    assert match, printed
    assert int(match[1]) == count
    return int(match[2])


def _to_words(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What tests/kernels/elementwise.c runs; support/channelwise_cases.py has the cases' own form."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Any

import numpy as np
import numpy.typing as npt

from support.channelwise_cases import Case, draw_offsets


class Operation(IntEnum):
    """In the program's order."""

    ADD = 0
    MULTIPLY = auto()
    AVERAGE_POOL = auto()
    MAX_POOL = auto()
    AVERAGE_POOL_ROWS = auto()
    MAX_POOL_ROWS = auto()
    MEAN = auto()
    LOOK_UP = auto()
    COPY = auto()
    CONCATENATE = auto()
    PAD = auto()
    SOFTMAX = auto()


def operator_case(
    draw: np.random.Generator,
    operation: Operation,
    arguments: tuple[int, ...],
    data: npt.NDArray[Any],
    expected: npt.NDArray[Any],
    *,
    words: npt.NDArray[Any] | None = None,
    form: int = 0,
    scratch_bytes: int = 0,
) -> Case:
    """A case at random addresses."""
    return Case(
        operation=operation,
        form=form,
        arguments=arguments,
        data=data,
        words=np.zeros(0, np.int32) if words is None else words,
        scratch_bytes=scratch_bytes,
        expected=expected.astype(np.int8),
        offsets=draw_offsets(draw),
    )

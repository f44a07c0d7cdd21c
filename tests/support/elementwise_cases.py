# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What tests/kernels/elementwise.c runs; support/channelwise_cases.py has the cases' own form."""

from __future__ import annotations

from enum import IntEnum, auto


class Operation(IntEnum):
    """In the program's order."""

    ADD = 0
    MULTIPLY = auto()
    AVERAGE_POOL = auto()
    MAX_POOL = auto()

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The size of what a sliding window gives."""

from __future__ import annotations


def output_size(length: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """How often a window fits, with padding "same" or "valid"."""
    if padding == "same":
        return -(-length // stride)
    extent = (window - 1) * dilation + 1
    return -(-(length - extent + 1) // stride)

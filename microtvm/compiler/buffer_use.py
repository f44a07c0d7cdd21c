# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much each buffer is read and written in an inference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Use:
    """Bytes of a buffer that an inference reads and writes."""

    read: int = 0
    written: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(self.read + other.read, self.written + other.written)

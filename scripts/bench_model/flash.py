# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A flash memory that a core waits for: wide reads, wait states, and small line caches."""

from __future__ import annotations

from dataclasses import dataclass

from bench_model.counts import Interval


@dataclass(frozen=True)
class FlashModel:
    """The geometry, with that of an STM32L4+ at 120 MHz as the default.

    Attributes:
        word_bytes: that one read delivers.
        wait_states: cycles that a core waits for a read.
        code_bytes, data_bytes: sizes of the caches for instructions and for data.
    """

    word_bytes: int = 8
    wait_states: int = 5
    line_bytes: int = 32
    code_bytes: int = 1024
    data_bytes: int = 256

    def stall_cycles(self, interval: Interval) -> int:
        """The cycles that an interval waits for reads past the caches; nothing is read ahead."""
        return self.wait_states * (interval.code_reads + interval.data_reads)

    def plugin_options(self) -> tuple[str, ...]:
        """The geometry as the counting plugin takes it."""
        names = ("word_bytes", "line_bytes", "code_bytes", "data_bytes")
        return tuple(f"{name}={getattr(self, name)}" for name in names)

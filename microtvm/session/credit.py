# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""How much may be sent before a device is known to have taken what was sent earlier.

A device that runs a layer does not read; its port keeps so many bytes and loses the others.
"""

from __future__ import annotations

import math
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# The least that a port keeps: a frame with the smallest payload that firmware can be built for.
LEAST_BUFFER = 270

# Under Zephyr a layer that is too long ends up to a quarter of its time late (fault_zephyr.c).
_LATEST = 1.25
_MARGIN_S = 1.0


def lost_after_s(layer_timeout_ms: int) -> float:
    """Longer than a device is silent while it works.

    Args:
        layer_timeout_ms: how long a layer may take; 0 where it may take for ever.
    """
    return _LATEST * layer_timeout_ms / 1000 + _MARGIN_S if layer_timeout_ms else math.inf


# Of firmware that was built as usual, for a device of which nothing is known yet.
LOST_AFTER_S = lost_after_s(10_000)


class Credit:
    """Bytes under way to a device, and when they may be forgotten.

    Args:
        capacity: bytes that the device's port keeps while nobody reads; 0 where the line waits.
        clock: the time in seconds.

    Attributes:
        lost_after_s: silence after which what is under way counts as lost.
    """

    def __init__(
        self, capacity: int = LEAST_BUFFER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.capacity = capacity
        self.lost_after_s = LOST_AFTER_S
        self._clock = clock
        self._sent = 0
        self._taken = 0
        # The sequence number of each frame that was not answered, and `_sent` at its end.
        self._frames: deque[tuple[int, int]] = deque()
        self._heard_at = 0.0

    def wait_s(self, size: int) -> float:
        """Seconds after which so many bytes may be sent, unless an answer comes first."""
        under_way = self._sent - self._taken
        if not self.capacity or not under_way or under_way + size <= self.capacity:
            return 0.0
        left = self._heard_at + self.lost_after_s - self._clock()
        if left <= 0.0:
            self.take_all()
        return max(0.0, left)

    def send(self, sequence: int, size: int) -> None:
        """A frame goes out."""
        if self._sent == self._taken:
            self._heard_at = self._clock()
        self._sent += size
        self._frames.append((sequence, self._sent))

    def answer(self, sequence: int, *, is_last: bool) -> None:
        """A frame of that number was answered: it is taken, and what was sent before it.

        A frame that was sent several times is answered as often: the first that is left is meant.

        Args:
            sequence: of the answer.
            is_last: whether no other will come to the same frame.
        """
        if all(number != sequence for number, _ in self._frames):
            return
        while self._frames[0][0] != sequence:
            self._frames.popleft()
        self._taken = max(self._taken, self._frames[0][1])
        if is_last:
            self._frames.popleft()
        self._heard_at = self._clock()

    def take_all(self) -> None:
        """The device reads, or what was under way is lost: the line damages or loses bytes."""
        self._taken = self._sent
        self._frames.clear()

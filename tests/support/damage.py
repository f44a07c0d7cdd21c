# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a bad line does to bytes: drops, flips, repeats and delays some of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

DROP, FLIP, REPEAT, DELAY = KINDS = ("drop", "flip", "repeat", "delay")

# Most delays are short; one in so many is longer than a session waits for a reply.
_SHORT_DELAY_S = 0.005
_LONG_DELAYS = 20


@dataclass(frozen=True)
class Piece:
    """Bytes as they go on, after a pause of the line."""

    pause_s: float
    data: bytes


class Damage:
    """What happens to the bytes of one direction.

    Args:
        rate: the part of the bytes to which something happens.
        seed: of when and what.
        kinds: what may happen.
        long_delay_s: of the longest delays.
    """

    def __init__(
        self,
        rate: float,
        seed: int,
        kinds: tuple[str, ...] = KINDS,
        long_delay_s: float = 0.25,
    ) -> None:
        self.rate = rate
        self.count: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._kinds = kinds
        self._long_delay_s = long_delay_s

    def pieces(self, data: bytes) -> Iterator[Piece]:
        """The bytes as they go on; what comes behind a delayed byte waits with it."""
        pause_s, whole = 0.0, bytearray()
        for byte in data:
            if self._random.random() >= self.rate:
                whole.append(byte)
                continue
            kind = self._random.choice(self._kinds)
            self.count[kind] += 1
            if kind == FLIP:
                whole.append(byte ^ 1 << self._random.randrange(8))
            elif kind == REPEAT:
                whole += bytes([byte, byte])
            elif kind == DELAY:
                yield Piece(pause_s, bytes(whole))
                pause_s, whole = self._delay(), bytearray([byte])
        yield Piece(pause_s, bytes(whole))

    def _delay(self) -> float:
        long = self._random.randrange(_LONG_DELAYS) == 0
        return self._random.random() * (self._long_delay_s if long else _SHORT_DELAY_S)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A device in simulated time: it works in silence, and its port keeps few bytes meanwhile."""

from __future__ import annotations

import random
from dataclasses import dataclass

from microtvm_project.transports import Transport

from microtvm.errors import TransportTimeoutError
from microtvm.session.framing import Decoder, Frame, encode
from microtvm.session.messages import REPLY, Status
from support.damage import DROP, FLIP, REPEAT, Damage


@dataclass
class Work:
    """What a device is at: the request, and the times at which it says that it is alive."""

    frame: Frame
    pending_at: list[float]
    done_at: float


class BusyDevice(Transport):
    """Answers each request with its payload, after as long as it likes.

    Args:
        seed: of how long it works.
        buffer: bytes that the port keeps while the device works.
        longest_silence_s: while it works it says at least as often that it is alive.
        rate: the part of the bytes that the line damages.
    """

    def __init__(self, seed: int, buffer: int, longest_silence_s: float, rate: float = 0.0) -> None:
        self.now = 0.0
        self.lost = 0
        self._random = random.Random(seed)
        self._buffer = buffer
        self._longest_silence_s = longest_silence_s
        self._to_device = Damage(rate, seed, (DROP, FLIP, REPEAT))
        self._to_host = Damage(rate, seed + 1, (DROP, FLIP, REPEAT))
        self._decoder = Decoder()
        self._kept = b""
        self._said = b""
        self._waiting: list[Frame | None] = []
        self._work: Work | None = None
        self._last: tuple[Frame, bytes] | None = None

    def clock(self) -> float:
        return self.now

    def open(self) -> None:
        return

    def close(self) -> None:
        return

    def write(self, data: bytes, timeout_s: float | None) -> None:
        self._kept += _damaged(self._to_device, data)
        if self._work is not None and len(self._kept) > self._buffer:
            self.lost += len(self._kept) - self._buffer
            self._kept = self._kept[: self._buffer]
        self._go_on()

    def read(self, size: int, timeout_s: float | None) -> bytes:
        end = self.now + (timeout_s or 0.0)
        while not self._said:
            if self._work is None or self._next_event() > end:
                self.now = end
                raise TransportTimeoutError("silence")
            self.now = self._next_event()
            self._go_on()
        data, self._said = self._said[:size], self._said[size:]
        return data

    def _next_event(self) -> float:
        assert self._work is not None
        return min([*self._work.pending_at, self._work.done_at])

    def _go_on(self) -> None:
        """Does what the device does at this moment."""
        work = self._work
        if work is not None:
            while work.pending_at and work.pending_at[0] <= self.now:
                work.pending_at.pop(0)
                self._say(encode(Frame(work.frame.sequence, REPLY, Status.PENDING)))
            if work.done_at > self.now:
                return
            self._work = None
            self._answer(work.frame)
        self._take()

    def _take(self) -> None:
        """Reads what the port has kept, until there is work again."""
        while self._work is None and (self._waiting or self._kept):
            if not self._waiting:
                byte, self._kept = self._kept[:1], self._kept[1:]
                self._waiting += self._decoder.feed(byte)
            elif (frame := self._waiting.pop(0)) is None:
                self._say(encode(Frame(0, REPLY, Status.CORRUPT_FRAME)))
            elif self._last is not None and frame == self._last[0]:
                self._say(self._last[1])
            else:
                self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        self._last = None
        silences = [
            self._random.random() ** 4 * self._longest_silence_s
            for _ in range(self._random.choice([0, 0, 1, 20]))
        ]
        times = [self.now + sum(silences[: count + 1]) for count in range(len(silences))]
        if not times:
            self._answer(frame)
            return
        self._work = Work(frame, times[:-1], times[-1])

    def _answer(self, frame: Frame) -> None:
        reply = encode(Frame(frame.sequence, REPLY | frame.kind, Status.OK, frame.payload))
        self._last = (frame, reply)
        self._say(reply)

    def _say(self, data: bytes) -> None:
        self._said += _damaged(self._to_host, data)


def _damaged(damage: Damage, data: bytes) -> bytes:
    return b"".join(piece.data for piece in damage.pieces(data))

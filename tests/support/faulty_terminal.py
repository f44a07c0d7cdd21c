# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A pseudo-terminal that damages what passes through it, between a device's and a host's."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
import tty
from collections import Counter, deque
from collections.abc import Callable, Iterator
from types import TracebackType

from support.damage import Damage, Piece

_CHUNK = 4096
_LONGEST_WAIT_S = 0.1


class FaultyTerminal:
    """A context manager: a thread carries the bytes while it is open.

    The host may open and close `path` as often as it likes.

    Args:
        device: the path of the device's pseudo-terminal.
        to_device: what happens to the bytes of that direction.
        to_host: and of the other.

    Attributes:
        carried: bytes that have come so far, in both directions.
    """

    def __init__(self, device: str, to_device: Damage, to_host: Damage) -> None:
        self.damage = (to_device, to_host)
        self.carried = 0
        self._files = contextlib.ExitStack()
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        self._files.callback(os.close, self._device)
        self._host, kept = os.openpty()
        self._files.callback(os.close, self._host)
        # Open on our side too, as the end of one session must not end the line.
        self._files.callback(os.close, kept)
        for terminal in (self._device, kept):
            tty.setraw(terminal)
        self.path = os.ttyname(kept)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> FaultyTerminal:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(10)
        self._files.close()

    def counts(self) -> Counter[str]:
        """How often what happened so far, in both directions."""
        return self.damage[0].count + self.damage[1].count

    @contextlib.contextmanager
    def after(self, count: int, action: Callable[[], None]) -> Iterator[None]:
        """Does something when so many bytes of the block have come, or at its end."""
        end, block_has_ended = self.carried + count, threading.Event()

        def wait_and_act() -> None:
            while self.carried < end and not block_has_ended.wait(0.001):
                pass
            action()

        thread = threading.Thread(target=wait_and_act)
        thread.start()
        try:
            yield
        finally:
            block_has_ended.set()
            thread.join()

    def _carry(self) -> None:
        to_device, to_host = self.damage
        lanes = {
            self._host: _Lane(self._device, to_device),
            self._device: _Lane(self._host, to_host),
        }
        while not self._ended.is_set():
            wait_s = min(lane.wait_s() for lane in lanes.values())
            readable, _, _ = select.select(list(lanes), [], [], wait_s)
            for source in readable:
                data = os.read(source, _CHUNK)
                self.carried += len(data)
                lanes[source].take(data)
            for lane in lanes.values():
                lane.pass_on()


class _Lane:
    """One direction: what has come, and when the next of it goes on."""

    def __init__(self, target: int, damage: Damage) -> None:
        self._target = target
        self._damage = damage
        self._waiting: deque[Piece] = deque()
        self._free_at = 0.0

    def take(self, data: bytes) -> None:
        for piece in self._damage.pieces(data):
            if not self._waiting:
                self._free_at = time.monotonic() + piece.pause_s
            self._waiting.append(piece)

    def wait_s(self) -> float:
        if not self._waiting:
            return _LONGEST_WAIT_S
        return min(_LONGEST_WAIT_S, max(0.0, self._free_at - time.monotonic()))

    def pass_on(self) -> None:
        while self._waiting and time.monotonic() >= self._free_at:
            rest = memoryview(self._waiting.popleft().data)
            while rest:
                rest = rest[os.write(self._target, rest) :]
            if self._waiting:
                self._free_at = time.monotonic() + self._waiting[0].pause_s

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Requests and their replies over a transport that may lose, change and repeat bytes.

One request is under way at a time. It is sent again, with the same sequence number, until its
reply arrives; the device executes it once.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.transports import Deadline

from microtvm.errors import TransportReconnectedError, TransportTimeoutError
from microtvm.session import messages
from microtvm.session.credit import Credit
from microtvm.session.fault import NameOf, fault_error, no_name, restarted_error
from microtvm.session.framing import Decoder, Frame, encode
from microtvm.session.messages import FAULT, REPLY, START, Kind, Request, Status

if TYPE_CHECKING:
    from microtvm_project.transports import Transport

_READ_SIZE = 65536
_WRITE_TIMEOUT_S = 10.0

# Frames thrown away at most before a request is sent again: a device cannot keep us busy for ever.
_DRAIN_READS = 64

_SEQUENCE_END = 1 << 32


@dataclass(frozen=True)
class Patience:
    """How long a reply may take.

    Args:
        reply_s: silence after which the request is sent again.
        attempts: how often it is sent without a sign of life before giving up.
        total_s: when to give up in any case.
    """

    reply_s: float = 0.5
    attempts: int = 20
    total_s: float = 120.0


@dataclass(frozen=True)
class Reply:
    """What the device answered: a status and what goes with it."""

    status: int
    payload: bytes


class Link:
    """The host's end of the protocol.

    Args:
        first_sequence: of the requests' numbers, at random if not given.
        name_of: the function at an address of the firmware, "" where that is not known.
        credit: what may be under way to the device.
    """

    def __init__(
        self,
        transport: Transport,
        first_sequence: int | None = None,
        name_of: NameOf = no_name,
        credit: Credit | None = None,
    ) -> None:
        self.credit = credit or Credit()
        self._transport = transport
        self.name_of = name_of
        # At random, so that no reply to an earlier session is taken for one to this.
        self._sequence = (
            int.from_bytes(os.urandom(4), "little") if first_sequence is None else first_sequence
        )
        self._decoder = Decoder()
        self._arrived: deque[Frame | None] = deque()
        self.damaged_frames = 0
        self.reconnections = 0
        # The number of the device's start; None while it is not known, or is about to change.
        self.start: int | None = None

    def exchange(self, request: Request, patience: Patience) -> Reply:
        """Sends a request until it is answered.

        Raises:
            SessionError: the device stopped (a fault in its program).
            DeviceRestartedError: it has started again.
            TransportTimeoutError: no answer, in spite of `patience`.
            TransportError: the transport is gone.
        """
        self._sequence = (self._sequence + 1) % _SEQUENCE_END
        frame = encode(Frame(self._sequence, request.kind, 0, request.payload))
        deadline = Deadline(patience.total_s)
        failures = 0
        while failures < patience.attempts and not deadline.has_passed():
            attempt = _Attempt()
            self._try(frame, request, patience, deadline, attempt)
            if attempt.reply is not None:
                return attempt.reply
            if attempt.alive:
                failures = 1
            elif attempt.sent:
                failures += 1
            self._drain()
        raise self._unanswered(request, failures)

    def wait_for_start(self, timeout_s: float) -> None:
        """Waits until the device says that it has started; no longer than the timeout."""
        deadline = Deadline(timeout_s)
        try:
            while self.start is None and not deadline.has_passed():
                self._next(timeout_s)
        except TransportTimeoutError:
            return
        except TransportReconnectedError:
            self._begin_anew()

    def _try(
        self,
        frame: bytes,
        request: Request,
        patience: Patience,
        deadline: Deadline,
        attempt: _Attempt,
    ) -> None:
        """Sends once, if the device has room, and waits for a reply or a reason to send again."""
        patience_s = patience.reply_s
        try:
            if wait_s := self.credit.wait_s(len(frame)):
                patience_s = min(patience_s, wait_s)
            else:
                attempt.sent = True
                self.credit.send(self._sequence, len(frame))
                self._transport.write(frame, _WRITE_TIMEOUT_S)
            while not deadline.has_passed():
                arrived = self._next(patience_s)
                goes_on = attempt.take(arrived, self._sequence, request)
                if not goes_on or not (attempt.sent or self.credit.wait_s(len(frame))):
                    return
        except TransportTimeoutError:
            return
        except TransportReconnectedError:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """After the line was gone: nothing is under way, in either direction."""
        self.reconnections += 1
        self.credit.take_all()
        self._decoder = Decoder()

    def _next(self, timeout_s: float) -> Frame | None:
        """The next frame, None for a damaged one; raises TransportTimeoutError."""
        while not self._arrived:
            data = self._transport.read(_READ_SIZE, timeout_s)
            self._arrived.extend(self._decoder.feed(data))
        frame = self._arrived.popleft()
        self._note(frame)
        return frame

    def _note(self, frame: Frame | None) -> None:
        """Counts what was damaged and what the device has taken; raises what ends the exchange."""
        if frame is None or frame.status == Status.CORRUPT_FRAME:
            self.damaged_frames += 1
            self.credit.take_all()
        elif frame.kind == FAULT:
            self.start = None
            self.credit.take_all()
            raise fault_error(messages.parse_fault(frame.payload), self.name_of)
        elif frame.kind == START:
            self._note_start(messages.parse_start(frame.payload))
        else:
            self.credit.answer(frame.sequence, is_last=frame.status != Status.PENDING)

    def _note_start(self, start: int) -> None:
        before, self.start = self.start, start
        self.credit.take_all()
        if before not in (None, start):
            raise restarted_error(start)

    def _drain(self) -> None:
        """Forgets what has arrived: replies to earlier attempts, and pieces of them."""
        try:
            for _ in range(_DRAIN_READS):
                self._arrived.extend(self._decoder.feed(self._transport.read(_READ_SIZE, 0.0)))
        except TransportTimeoutError:
            pass
        except TransportReconnectedError:
            self._begin_anew()
        while self._arrived:
            self._note(self._arrived.popleft())

    def _unanswered(self, request: Request, attempts: int) -> TransportTimeoutError:
        return TransportTimeoutError(
            f"The device did not answer {request.kind.name}, sent {attempts} times;"
            f" {self.damaged_frames} frames of this session arrived damaged",
            hint="look whether the firmware runs, whether it is host_driven, at the port and at"
            " the baud rate",
        )


class _Attempt:
    """What came of sending a request once."""

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.sent = False
        self.alive = False

    def take(self, frame: Frame | None, sequence: int, request: Request) -> bool:
        """Judges a frame that arrived. Returns whether to wait for another."""
        if frame is None or frame.status == Status.CORRUPT_FRAME:
            return False
        if frame.kind == START:
            if request.kind == Kind.RESET:
                self.reply = Reply(Status.OK, b"")
            return False
        if frame.sequence != sequence or not frame.kind & REPLY:
            return True
        if frame.status == Status.PENDING:
            self.alive = True
            return True
        if frame.kind != REPLY | request.kind:
            return True
        self.reply = Reply(frame.status, frame.payload)
        return False

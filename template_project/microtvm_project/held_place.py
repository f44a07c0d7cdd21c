# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Holds a place of a lab for as long as it is used, or says who holds it and what to do."""

from __future__ import annotations

import contextlib
import json
import logging
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microtvm_project import place_keeper
from microtvm_project.errors import BoardInUseError, TransportError
from microtvm_project.lab import Lab, PlaceChoice, own_name
from microtvm_project.process import Outcome, child_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from microtvm_project.lab_place import Place

_LOG = logging.getLogger(__name__)

_PACKAGE_PARENT = Path(__file__).resolve().parents[1]
_MAX_REPORT_BYTES = 1 << 21
_SLICE_S = 0.25
_RETRY_S = 1.0

# How labgrid says that a place, or a resource of it, is somebody else's; "not idle" in 25.
_TAKEN = ("already acquired", "is not idle", "was not reserved for")


class HeldPlace:
    """The place that a process holds: from its first use, such as flashing, until it is released.

    A context manager: its end releases the place.

    Args:
        check: called while a place is waited for; raises to end the wait.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self._check = check
        self._key: tuple[Lab, str, bool] | None = None
        self._name = ""
        self._resources = contextlib.ExitStack()

    def take(self, lab: Lab, choice: PlaceChoice) -> str:
        """Holds a place instead of what was held before; returns its exact name.

        Args:
            lab: where the place is.
            choice: which place; one that is held by hand is left so.

        Raises:
            BoardInUseError: the place is held or reserved by somebody else.
            TransportError: there is no such place, or the coordinator does not answer.
        """
        key = (lab, choice.name, choice.held)
        if self._key != key:
            self.release()
            if choice.held:
                self._name = _held_by_hand(lab, choice, self._check)
            else:
                self._name = _acquire(lab, choice, self._check, self._resources)
            self._key = key
        return self._name

    def __enter__(self) -> HeldPlace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Gives the place back; any number of times."""
        self._key = None
        self._resources.close()


def _held_by_hand(lab: Lab, choice: PlaceChoice, check: Callable[[], None]) -> str:
    place = lab.show(choice.name, check)
    if not place.holder:
        raise TransportError(
            f"Place {place.name} is held by nobody, but place_held says that you hold it",
            hint=f"{lab.typed('-p', place.name, 'acquire')}, or leave place_held out",
        )
    if own_name() not in (place.holder, *place.allowed):
        raise _taken(lab, place)
    return place.name


def _acquire(
    lab: Lab, choice: PlaceChoice, check: Callable[[], None], stack: contextlib.ExitStack
) -> str:
    """The exact name of the place, acquired; the stack releases it."""
    end = time.monotonic() + choice.timeout_s
    while True:
        keeper = _Keeper(lab, choice.name)
        try:
            name, outcome = keeper.report(check)
        except BaseException:
            keeper.leave()
            raise
        if name is not None:
            stack.callback(keeper.release, name)
            return name
        keeper.close()
        error = _why_not(lab, choice.name, outcome, check)
        if time.monotonic() >= end:
            raise error
        _pause(check)


def _why_not(lab: Lab, name: str, outcome: Outcome, check: Callable[[], None]) -> TransportError:
    """The error for a place that may be free later; raises where no waiting helps."""
    failed = lab.explain(name, outcome)
    if outcome.code is None:
        raise failed
    if not any(words in outcome.text for words in _TAKEN):
        raise failed
    return _taken(lab, lab.show(name, check), failed)


def _taken(lab: Lab, place: Place, otherwise: TransportError | None = None) -> TransportError:
    """Says who has the place, since when, and how one gets it."""
    wait = "wait for it with --project-option board_timeout=SECONDS, or take another place"
    if place.holder == own_name():
        return BoardInUseError(
            f"Place {place.name} is held by yourself, {place.holder}, since {place.since}",
            expected="a place that no other run of yours uses",
            hint=f"{wait}; if you acquired it by hand for this, --project-option place_held=true;"
            f" if it was left behind, {lab.release_command(place.name)}",
        )
    if place.holder:
        return BoardInUseError(
            f"Place {place.name} is held by {place.holder} since {place.since}",
            expected="a place that nobody holds",
            hint=f"{wait}; if its holder is gone, {lab.release_command(place.name)}",
        )
    if place.reservation or otherwise is None:
        return BoardInUseError(
            f"Place {place.name} is reserved by somebody else (token {place.reservation})",
            expected="a place that nobody has reserved, or +TOKEN of a reservation of yours",
            hint=f"{wait}; {lab.typed('reservations')} tells whose it is",
        )
    return otherwise


def _pause(check: Callable[[], None]) -> None:
    end = time.monotonic() + _RETRY_S
    while time.monotonic() < end:
        check()
        time.sleep(_SLICE_S)


class _Keeper:
    """The process that acquires the place, and releases it when we let go or die."""

    def __init__(self, lab: Lab, place: str) -> None:
        self._lab = lab
        module = place_keeper.__name__
        arguments = (lab.program, lab.address, place, own_name())
        try:
            self._process = subprocess.Popen(
                (sys.executable, "-m", module, *arguments),
                cwd=_PACKAGE_PARENT,
                env=child_environment({"PYTHONSAFEPATH": ""}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # It must outlive the group that we may be killed with.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise TransportError(f"Could not start {sys.executable}: {error}") from error

    def report(self, check: Callable[[], None]) -> tuple[str | None, Outcome]:
        """How the acquisition went: the exact name of the place where we have it now."""
        stream = self._process.stdout
        assert stream is not None
        end = time.monotonic() + place_keeper.ACQUIRE_TIMEOUT_S + 5
        while not select.select([stream], [], [], _SLICE_S)[0]:
            check()
            if time.monotonic() > end:
                return None, Outcome(None, "")
        values = _decode(stream.readline(_MAX_REPORT_BYTES))
        name, code, text = (values.get(key) for key in ("place", "code", "text"))
        outcome = Outcome(code if isinstance(code, int) else None, str(text))
        return name if isinstance(name, str) else None, outcome

    def leave(self) -> None:
        """Lets the process release the place, once it has it, without waiting for that."""
        self._let_go()
        threading.Thread(target=self._process.wait, daemon=True).start()

    def close(self) -> int:
        """Ends the process, which releases the place if it has it; returns its exit code."""
        self._let_go()
        try:
            return self._process.wait(place_keeper.RELEASE_TIMEOUT_S + 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _let_go(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def release(self, name: str) -> None:
        """Ends the process, and tells where the place could not be released."""
        if self.close() != 0:
            _LOG.warning(
                "Place %s may still be held; %s frees it", name, self._lab.release_command(name)
            )


def _decode(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}

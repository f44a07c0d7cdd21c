# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The root of every error that a user can cause, and the errors of projects and boards."""

from __future__ import annotations


class MicroTVMError(Exception):
    """Says what was found, what was expected and what to try.

    Args:
        found: what is wrong, as one sentence without a full stop.
        expected: what would have been right, or "" where `found` says it.
        hint: what the user can do about it, or "".
    """

    exit_code = 1

    def __init__(self, found: str, *, expected: str = "", hint: str = "") -> None:
        self.found = found
        self.expected = expected
        self.hint = hint
        lines = [found]
        if expected:
            lines.append(f"  expected: {expected}")
        if hint:
            lines.append(f"  try: {hint}")
        super().__init__("\n".join(lines))


class OptionError(MicroTVMError):
    """A project option that is unknown, missing or has a value out of its range."""

    exit_code = 4


class ArchiveError(MicroTVMError):
    """A module.tar that is damaged, hostile or of another version."""


class BoardError(MicroTVMError):
    """A board that is unknown or whose board.toml is wrong."""


class UnknownBoardError(BoardError):
    """A board that is asked for by a name that nobody knows."""

    exit_code = OptionError.exit_code


class ProjectError(MicroTVMError):
    """A project directory that exists already, or is not one."""


class BuildError(MicroTVMError):
    """A toolchain that is missing, a build that failed or an image that does not fit."""


class CapacityError(BuildError):
    """A model or an image that a board's memories have no room for."""


class TransportError(MicroTVMError):
    """A port that cannot be opened, or was lost."""


class BoardInUseError(TransportError):
    """A board that another process uses."""


class TransportTimeoutError(TransportError):
    """Nothing arrived, or nothing could be sent, in the time given."""


class TransportClosedError(TransportError):
    """A port that was open, and is of no more use."""


class PortLostError(TransportClosedError):
    """A serial port that was open, and whose device went away."""


class TransportReconnectedError(TransportError):
    """A port was lost and is open again: what was under way is lost, and the device may be new."""

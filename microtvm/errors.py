# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Every error that a user can cause. Library code raises them; only cli/main.py prints them."""

from __future__ import annotations

from microtvm_project.errors import (
    ArchiveError,
    BoardError,
    BoardInUseError,
    BuildError,
    CapacityError,
    MicroTVMError,
    OptionError,
    ProjectError,
    TransportClosedError,
    TransportError,
    TransportReconnectedError,
    TransportTimeoutError,
    UnknownBoardError,
)

__all__ = [
    "ArchiveError",
    "BoardError",
    "BoardInUseError",
    "BuildError",
    "CapacityError",
    "DeviceRestartedError",
    "MemoryBudgetError",
    "MicroTVMError",
    "MissingExtraError",
    "ModelError",
    "OptionError",
    "PoolError",
    "ProjectError",
    "ProjectServerError",
    "SessionError",
    "TargetError",
    "TransportClosedError",
    "TransportError",
    "TransportReconnectedError",
    "TransportTimeoutError",
    "UnknownBoardError",
    "UnsupportedOperatorError",
    "ValidationError",
]


class ModelError(MicroTVMError):
    """A model file that cannot be read."""


class UnsupportedOperatorError(ModelError):
    """A model with operators that the compiler has no exact code for; the message names each."""


class TargetError(MicroTVMError):
    """A core or a compiler option that does not exist."""


class PoolError(MicroTVMError):
    """Memory pools that are wrong, or too small for a model."""


class MemoryBudgetError(MicroTVMError):
    """A model that needs more memory than its user allows, however it is computed."""


class ProjectServerError(MicroTVMError):
    """A Project API server that is missing, died, or broke the protocol."""


class SessionError(MicroTVMError):
    """A device that refused a request or answered out of turn."""


class DeviceRestartedError(SessionError):
    """A device that has started again in the middle of something that cannot be done again."""


class ValidationError(MicroTVMError):
    """A device whose numbers differ from the reference."""


class MissingExtraError(MicroTVMError):
    """An optional dependency that is not installed."""

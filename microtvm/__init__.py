# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From an int8 TFLite model to firmware on a Cortex-M, and sessions with that firmware."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microtvm.project import open_session
    from microtvm.session import Session

__all__ = ["Session", "open_session"]

_HOMES = {"Session": "microtvm.session", "open_session": "microtvm.project"}


def __getattr__(name: str) -> object:
    """Imports the public names on first use, so that `tvmc --help` loads none of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'microtvm' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)

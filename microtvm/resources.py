# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Where the template, the firmware and the boards are: in a checkout, or inside the wheel."""

from __future__ import annotations

from pathlib import Path

from microtvm.errors import ProjectServerError

_PACKAGE = Path(__file__).resolve().parent

# The wheel has them in the package; a checkout has them beside it.
_ROOTS = (_PACKAGE / "_data", _PACKAGE.parent)
_FOLDERS = ("template_project", "zephyr_app", "boards")


def template_dir() -> Path:
    """The Project API server that new projects are made from."""
    return _root() / "template_project"


def firmware_dir() -> Path:
    """The firmware's sources."""
    return _root() / "zephyr_app"


def boards_dir() -> Path:
    """The boards' data."""
    return _root() / "boards"


def _root() -> Path:
    for root in _ROOTS:
        if all((root / folder).is_dir() for folder in _FOLDERS):
            return root
    raise ProjectServerError(
        f"The installation of microtvm in {_PACKAGE} lacks its data",
        expected=f"{', '.join(_FOLDERS)} in {_ROOTS[0]} or {_ROOTS[1]}",
        hint="install microtvm again",
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Finds the programs that builds and emulators need, or says which package has them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from microtvm_project.errors import BuildError, MicroTVMError

# Debian's package for each program; the same names serve Ubuntu.
_PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "cmake": "cmake",
    "dtc": "device-tree-compiler",
    "ninja": "ninja-build",
    "qemu-system-arm": "qemu-system-arm",
}

# How to get what Debian has not, or only much older.
_OTHERS = {
    # Not beside us: it brings a pyserial of its own, which would overwrite the one that is here.
    "labgrid-client": "pipx install 'labgrid>=25,<27', or pip in a virtual environment of its own",
}


def search_path() -> str:
    """PATH with the folder of this Python first: what pip installed there counts before the rest.

    A virtual environment that was not activated is thus seen all the same.
    """
    own = str(Path(sys.executable).parent) if sys.executable else ""
    path = os.environ.get("PATH", os.defpath)
    return os.pathsep.join(part for part in (own, path) if part)


def find_program(name: str, error: type[MicroTVMError] = BuildError) -> str:
    """The path of a program.

    Raises:
        error: it is not installed; the message names the package.
    """
    found = shutil.which(name, path=search_path())
    if found is None:
        raise error(
            f"The program {name} is not installed",
            expected=f"{name} on PATH or beside {sys.executable}",
            hint=_how_to_install(name),
        )
    return found


def has_program(name: str) -> bool:
    """Whether a program can be found."""
    return shutil.which(name, path=search_path()) is not None


def _how_to_install(name: str) -> str:
    package = _PACKAGES.get(name)
    if package:
        return f"sudo apt-get install {package}"
    return _OTHERS.get(name, f"install {name}")

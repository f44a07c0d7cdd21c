# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Zephyr: finds the tree and its version, and makes the commands that build with it.

Inside a west workspace west builds; elsewhere CMake does, given ZEPHYR_BASE and
the modules. What differs between Zephyr's versions is in `zephyr_version.py`.
"""

from __future__ import annotations

import configparser
import importlib.util
import logging
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.build_info import BUILD_FOLDER
from microtvm_project.errors import BuildError, OptionError
from microtvm_project.process import Command
from microtvm_project.toolchain import find_program, search_path
from microtvm_project.zephyr_version import (
    NEWEST_TRIED,
    OLDEST,
    VERSION_PARTS,
    ZephyrVersion,
    parse_version,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microtvm_project.boards import Board
    from microtvm_project.options import OptionValues

_LOG = logging.getLogger(__name__)

_VERSION_FILE = "VERSION"

# Any of these says that the user has chosen a toolchain; then we choose none.
_TOOLCHAIN_VARIABLES = (
    "ZEPHYR_TOOLCHAIN_VARIANT",
    "ZEPHYR_SDK_INSTALL_DIR",
    "GNUARMEMB_TOOLCHAIN_PATH",
    "CROSS_COMPILE",
)
_SDK_PACKAGES = Path(".cmake/packages/Zephyr-sdk")


@dataclass(frozen=True)
class ZephyrTree:
    """A checkout of Zephyr, and the west workspace around it if there is one."""

    base: Path
    version: ZephyrVersion
    workspace: Path | None

    def board_name(self, board: Board) -> str:
        """What this version of Zephyr calls a board."""
        qualified = self.version.has_qualified_boards
        return board.zephyr_board_hwmv2 if qualified else board.zephyr_board


def find_zephyr_base(option: str | None, environment: Mapping[str, str], near: Path) -> Path | None:
    """The Zephyr tree to use: the option's, ZEPHYR_BASE's, or that of the workspace around."""
    named = option or environment.get("ZEPHYR_BASE")
    if named:
        return Path(named).expanduser()
    workspace = _find_workspace(near)
    return _base_of_workspace(workspace) if workspace else None


def load_tree(base: Path | None) -> ZephyrTree:
    """Looks at a Zephyr tree.

    Raises:
        BuildError: there is none, or its version is not supported.
    """
    hint = "set ZEPHYR_BASE, or --project-option zephyr_base=DIRECTORY"
    if base is None:
        raise BuildError(
            "No Zephyr tree is known", expected="ZEPHYR_BASE or a workspace", hint=hint
        )
    path = base / _VERSION_FILE
    try:
        version = parse_version(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise BuildError(f"{base} is no Zephyr tree: it has no {path.name}", hint=hint) from error
    if version is None:
        raise BuildError(f"{path} names no version of Zephyr", expected=str(VERSION_PARTS))
    if version < OLDEST:
        raise BuildError(f"{base} is Zephyr {version}", expected=f"{OLDEST} or later")
    if not version.is_tried:
        _LOG.warning("Zephyr %s was not tried: %s to %s were", version, OLDEST, NEWEST_TRIED)
    return ZephyrTree(base, version, _find_workspace(base))


def check_paths(*paths: Path) -> None:
    """Refuses folders in which Zephyr's own CMake code fails.

    Raises:
        BuildError: a path has a blank; Zephyr splits lists of files at blanks.
    """
    for path in paths:
        if re.search(r"\s", str(path)):
            raise BuildError(
                f"The path {str(path)!r} has a blank, and Zephyr does not build there",
                expected="a path without blanks",
                hint="move the folder",
            )


def find_west(option: str | None) -> tuple[str, ...] | None:
    """The words that start west, or None where there is none.

    Raises:
        OptionError: the option is not quoted as for a shell.
    """
    if option:
        try:
            return tuple(shlex.split(option))
        except ValueError as error:
            raise OptionError(f"Option 'west_cmd' is {option!r}: {error}") from error
    if importlib.util.find_spec("west") is not None:
        return (sys.executable, "-m", "west")
    found = shutil.which("west", path=search_path())
    return (found,) if found else None


def toolchain_environment(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Variables that choose the distribution's compiler, where no other is chosen or installed."""
    chosen = any(environment.get(name) for name in _TOOLCHAIN_VARIABLES)
    if chosen or (home / _SDK_PACKAGES).is_dir():
        return {}
    compiler = find_program("arm-none-eabi-gcc")
    prefix = compiler[: -len("gcc")]
    return {"ZEPHYR_TOOLCHAIN_VARIANT": "cross-compile", "CROSS_COMPILE": prefix}


@dataclass(frozen=True)
class ZephyrBuild:
    """All that decides the commands of a build; the commands follow from it alone.

    Attributes:
        board: as Zephyr calls it.
    """

    project: Path
    board: str
    tree: ZephyrTree
    west: tuple[str, ...] | None
    cmake: str
    modules: str
    environment: Mapping[str, str]

    def configure_command(self) -> Command:
        """West's or CMake's configuration of the build folder."""
        build = str(self.project / BUILD_FOLDER)
        if self.west and self.tree.workspace:
            words = (*self.west, "build", "--cmake-only", "--board", self.board)
            arguments = (*words, "--build-dir", build, str(self.project), *self._entries("--"))
            return self._command(arguments, self.tree.workspace)
        words = (self.cmake, "-G", "Ninja", "-S", str(self.project), "-B", build)
        return self._command((*words, f"-DBOARD={self.board}", *self._entries()), self.project)

    def build_command(self) -> Command:
        """West's or CMake's build of a configured folder."""
        build = str(self.project / BUILD_FOLDER)
        if self.west and self.tree.workspace:
            arguments = (*self.west, "build", "--build-dir", build)
            return self._command(arguments, self.tree.workspace)
        return self._command((self.cmake, "--build", build), self.project)

    def _entries(self, *before: str) -> tuple[str, ...]:
        """CMake's entries; what the project decides, its CMakeLists.txt reads from project.json."""
        return (*before, f"-DZEPHYR_MODULES={self.modules}") if self.modules else ()

    def _command(self, arguments: tuple[str, ...], folder: Path) -> Command:
        environment = {**self.environment, "ZEPHYR_BASE": str(self.tree.base)}
        return Command(arguments, folder, environment)


def modules_for(tree: ZephyrTree, options: OptionValues, environment: Mapping[str, str]) -> str:
    """ZEPHYR_MODULES for CMake: given ones, or none inside a workspace, where west knows them."""
    given = options.text("zephyr_modules")
    if given:
        return given
    return "" if tree.workspace else environment.get("ZEPHYR_MODULES", "")


def _find_workspace(near: Path) -> Path | None:
    """The folder at or above `near` that has a .west folder."""
    resolved = near.resolve()
    for folder in (resolved, *resolved.parents):
        if (folder / ".west" / "config").is_file():
            return folder
    return None


def _base_of_workspace(workspace: Path) -> Path | None:
    """The Zephyr tree that a workspace's configuration names, or its usual place."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(workspace / ".west" / "config", encoding="utf-8")
        named = parser.get("zephyr", "base", fallback="zephyr")
    except (configparser.Error, UnicodeDecodeError):
        named = "zephyr"
    base = workspace / named
    return base if (base / _VERSION_FILE).is_file() else None

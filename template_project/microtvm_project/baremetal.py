# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Builds for the bare-metal boards: argument lists for CMake. Nothing runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microtvm_project.build_info import BUILD_FOLDER
from microtvm_project.definitions import cache_entries
from microtvm_project.process import Command

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.build_info import ProjectInfo

# Programs of a bare-metal build, in the order in which their absence is told.
PROGRAMS = ("arm-none-eabi-gcc", "cmake", "ninja")

_SOURCE_FOLDER = "baremetal"
_TOOLCHAIN_FILE = "toolchain.cmake"


def configure_command(project: Path, info: ProjectInfo, programs: dict[str, str]) -> Command:
    """CMake's configuration of the build folder. `programs` gives each program's path."""
    source = project / _SOURCE_FOLDER
    arguments = (
        programs["cmake"],
        "-G",
        "Ninja",
        "-S",
        str(source),
        "-B",
        str(project / BUILD_FOLDER),
        f"-DCMAKE_MAKE_PROGRAM={programs['ninja']}",
        f"-DCMAKE_TOOLCHAIN_FILE={source / _TOOLCHAIN_FILE}",
        f"-DBOARD={info.board}",
        *cache_entries(info),
    )
    return Command(arguments, project)


def build_command(project: Path, programs: dict[str, str]) -> Command:
    """CMake's build of a configured folder."""
    return Command((programs["cmake"], "--build", str(project / BUILD_FOLDER)), project)


def resize_command(project: Path, build: Command, main_stack_size: int | None) -> Command:
    """CMake's change of the main stack in a folder that `build` builds; None: the default size."""
    name = "MICROTVM_MAIN_STACK_SIZE"
    entry = f"-D{name}={main_stack_size}" if main_stack_size else f"-U{name}"
    return Command((build.arguments[0], entry, str(project / BUILD_FOLDER)), project)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bare-metal build's command lines, compared whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.baremetal import build_command, configure_command
from microtvm_project.build_info import ProjectInfo
from microtvm_project.definitions import split_definitions
from microtvm_project.errors import OptionError
from microtvm_project.options import OptionValues

PROJECT = Path("/home/a b/project")
PROGRAMS = {"cmake": "/bin/cmake", "ninja": "/bin/ninja", "arm-none-eabi-gcc": "/bin/gcc"}


def info(**options: str | int | bool) -> ProjectInfo:
    values = OptionValues(options)
    return ProjectInfo("baremetal", "mps2_an500", "host_driven", ("stub",), values)


def test_configuring_without_options() -> None:
    command = configure_command(PROJECT, info(warning_as_error=False), PROGRAMS)
    assert command.arguments == (
        "/bin/cmake",
        "-G",
        "Ninja",
        "-S",
        "/home/a b/project/baremetal",
        "-B",
        "/home/a b/project/build",
        "-DCMAKE_MAKE_PROGRAM=/bin/ninja",
        "-DCMAKE_TOOLCHAIN_FILE=/home/a b/project/baremetal/toolchain.cmake",
        "-DBOARD=mps2_an500",
        "-DMICROTVM_PROGRAM=host_driven",
    )
    assert command.folder == PROJECT


def test_configuring_with_every_option() -> None:
    options = info(
        main_stack_size=2048,
        layer_timeout_ms=500,
        workspace_size_bytes=70000,
        workspace="own",
        pool_regions="fast=dtcm,slow=ram",
        compile_definitions="A=1 'B=x y' C",
        warning_as_error=True,
    )
    assert configure_command(PROJECT, options, PROGRAMS).arguments[10:] == (
        "-DMICROTVM_PROGRAM=host_driven",
        "-DMICROTVM_MAIN_STACK_SIZE=2048",
        "-DMICROTVM_LAYER_TIMEOUT_MS=500",
        "-DMICROTVM_WORKSPACE_SIZE=70000",
        "-DMICROTVM_WORKSPACE=own",
        "-DMICROTVM_POOL_REGIONS=fast=dtcm,slow=ram",
        "-DMICROTVM_COMPILE_DEFINITIONS=A=1;B=x y;C",
        "-DWARNINGS_AS_ERRORS=ON",
    )


def test_building() -> None:
    command = build_command(PROJECT, PROGRAMS)
    assert command.arguments == ("/bin/cmake", "--build", "/home/a b/project/build")
    assert str(command) == "/bin/cmake --build '/home/a b/project/build'"


@pytest.mark.parametrize(
    ("text", "definitions"),
    [
        ("", ()),
        ("A", ("A",)),
        ("-DA=1 -DB", ("A=1", "B")),
        ("A='x y' _b=", ("A=x y", "_b=")),
    ],
)
def test_definitions(text: str, definitions: tuple[str, ...]) -> None:
    assert split_definitions(text) == definitions


@pytest.mark.parametrize("text", ["-O2", "1A", "A;B", "A=;", "A='\"'", "A=\\\\", "$(x)", "-D", "'"])
def test_words_that_are_no_definitions(text: str) -> None:
    with pytest.raises(OptionError, match="compile_definitions"):
        split_definitions(text)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""runners.yaml as CMake writes it, and files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.runners_file import RunnersFile, parse_runners, read_runners_file

# The form of Zephyr 3.4's and 4.1's cmake/flash, with what some boards say.
TEXT = """# Available runners configured by board.cmake.
runners:
- openocd
- jlink

# Default flash runner if --runner is not given.
flash-runner: openocd

# Default debug runner if --runner is not given.
debug-runner: jlink

# Common runner configuration values.
config:
  board_dir: /z/boards/arm/thing
  # Build outputs:
  elf_file: zephyr.elf
  # Host tools:
  openocd: /opt/openocd
  openocd_search:
    - /opt/scripts

# Runner specific arguments
args:
  openocd:
    - --cmd-load
    - flash write_image erase
    - --cmd-pre-init
    - set WORKAREASIZE 0x4000
    - --cmd-pre-init
    - source [find interface/jlink.cfg]

  nrfjprog:
    []

  jlink:
    - --device=THING
    - --speed=1000
    - --speed=4000
"""


def test_all_that_a_file_says(tmp_path: Path) -> None:
    (tmp_path / "zephyr").mkdir()
    (tmp_path / "zephyr/runners.yaml").write_text(TEXT)
    found = read_runners_file(tmp_path)
    assert found.names == ("openocd", "jlink")
    assert found.flash_runner == "openocd"
    assert found.board_folder == Path("/z/boards/arm/thing")
    assert found.config["openocd"] == "/opt/openocd"
    assert found.arguments["nrfjprog"] == ()
    assert found.argument("jlink", "--speed") == "4000"
    assert found.argument("jlink", "--iface") == found.argument("pyocd", "--target") == ""
    assert found.all_arguments("openocd", "--cmd-pre-init") == (
        "set WORKAREASIZE 0x4000",
        "source [find interface/jlink.cfg]",
    )
    assert found.all_arguments("openocd", "--cmd-load") == ("flash write_image erase",)


@pytest.mark.parametrize("text", ["", "\0", "{}", "- x\n", "args:\n    - x\n", "  x: y\n"])
def test_files_that_say_nothing(text: str) -> None:
    found = parse_runners(text)
    assert (found.names, found.flash_runner, found.config, found.arguments) == ((), "", {}, {})


def test_no_file(tmp_path: Path) -> None:
    assert read_runners_file(tmp_path) == RunnersFile()

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""west flash command lines, compared whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.errors import BuildError
from microtvm_project.runners import RUNNERS, flash_command, runner_of_build
from microtvm_project.zephyr import ZephyrTree, ZephyrVersion
from support.archives import ROOT

BOARD = find_board(ROOT / "boards", "nucleo_l4r5zi")
TREE = ZephyrTree(Path("/w/zephyr"), ZephyrVersion(3, 4, 0), Path("/w"))
WEST = ("west",)


def choose(build: Path, runner: str) -> None:
    (build / "zephyr").mkdir(parents=True, exist_ok=True)
    text = f"# Runners\nrunners:\n- jlink\nflash-runner: {runner}\ndebug-runner: openocd\n"
    (build / "zephyr" / "runners.yaml").write_text(text)


def test_one_board_needs_no_choice(tmp_path: Path) -> None:
    command = flash_command(tmp_path, TREE, WEST, None, BOARD)
    assert command.arguments == ("west", "flash", "--build-dir", str(tmp_path))
    assert (command.folder, dict(command.environment)) == (
        Path("/w"),
        {"ZEPHYR_BASE": "/w/zephyr"},
    )


@pytest.mark.parametrize(
    ("runner", "arguments"),
    [
        ("jlink", ("--dev-id", "0666")),
        ("linkserver", ("--probe", "0666")),
        ("nrfjprog", ("--dev-id", "0666")),
        ("nrfutil", ("--dev-id", "0666")),
        ("openocd", ("--cmd-pre-init", "adapter serial 0666")),
        ("pyocd", ("--dev-id", "0666")),
        ("stm32cubeprogrammer", ("--tool-opt=sn=0666",)),
    ],
)
def test_each_runner_and_its_probe(tmp_path: Path, runner: str, arguments: tuple[str, ...]) -> None:
    choose(tmp_path, runner)
    command = flash_command(tmp_path, TREE, WEST, "0666", BOARD)
    assert command.arguments[4:] == ("--runner", runner, *arguments)


def test_every_runner_of_the_table_is_tested_above() -> None:
    assert sorted(RUNNERS) == [
        "jlink",
        "linkserver",
        "nrfjprog",
        "nrfutil",
        "openocd",
        "pyocd",
        "stm32cubeprogrammer",
    ]


def test_the_build_s_runner_counts_before_the_board_s(tmp_path: Path) -> None:
    assert runner_of_build(tmp_path, BOARD) == "openocd"
    choose(tmp_path, "pyocd")
    assert runner_of_build(tmp_path, BOARD) == "pyocd"


def test_a_runner_that_takes_no_probe(tmp_path: Path) -> None:
    choose(tmp_path, "dfu-util")
    with pytest.raises(BuildError, match="'dfu-util' cannot be told which probe"):
        flash_command(tmp_path, TREE, WEST, "0666", BOARD)


@pytest.mark.parametrize("serial_number", ["; shutdown", "a b", "$x", "[exec]"])
def test_serial_numbers_that_a_runner_would_execute(tmp_path: Path, serial_number: str) -> None:
    with pytest.raises(BuildError, match="Serial number"):
        flash_command(tmp_path, TREE, WEST, serial_number, BOARD)


def test_without_west_or_its_workspace(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="west is not installed"):
        flash_command(tmp_path, TREE, None, None, BOARD)
    tree = ZephyrTree(TREE.base, TREE.version, None)
    with pytest.raises(BuildError, match="is not in a west workspace"):
        flash_command(tmp_path, tree, WEST, None, BOARD)

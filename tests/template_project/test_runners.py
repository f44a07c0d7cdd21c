# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""west flash command lines, compared whole, and programs that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project import runners
from microtvm_project.boards import Board, find_board, list_boards
from microtvm_project.errors import BuildError
from microtvm_project.runners import (
    RUNNERS,
    FlashChoice,
    flash_command,
    require_program,
    runner_of_build,
)
from microtvm_project.zephyr import ZephyrTree, ZephyrVersion
from support.archives import ROOT

BOARDS = [find_board(ROOT / "boards", name) for name in list_boards(ROOT / "boards")]
BOARD = find_board(ROOT / "boards", "nucleo_l4r5zi")
TREE = ZephyrTree(Path("/w/zephyr"), ZephyrVersion(3, 4, 0), Path("/w"))
WEST = ("west",)

# What each runner is told, by hand from `west flash --context`.
PROBES = {
    "jlink": ("--dev-id", "0666"),
    "linkserver": ("--probe", "0666"),
    "nrfjprog": ("--dev-id", "0666"),
    "nrfutil": ("--dev-id", "0666"),
    "openocd": ("--cmd-pre-init", "adapter serial 0666"),
    "pyocd": ("--dev-id", "0666"),
    "stm32cubeprogrammer": ("--tool-opt=sn=0666",),
}


def choose(build: Path, runner: str, config: str = "") -> None:
    (build / "zephyr").mkdir(parents=True, exist_ok=True)
    listed = f"runners:\n- {runner}\n- dfu-util\n\n"
    chosen = f"flash-runner: {runner}\ndebug-runner: openocd\nconfig:\n  board_dir: /b\n{config}"
    (build / "zephyr" / "runners.yaml").write_text(f"# Runners\n{listed}{chosen}")


def test_one_board_needs_no_choice(tmp_path: Path) -> None:
    command = flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice())
    assert command.arguments == ("west", "flash", "--build-dir", str(tmp_path))
    assert (command.folder, dict(command.environment)) == (
        Path("/w"),
        {"ZEPHYR_BASE": "/w/zephyr"},
    )


@pytest.mark.parametrize(
    ("board", "runner"),
    [(board, runner) for board in BOARDS for runner in board.flash_runners],
    ids=lambda value: value.name if isinstance(value, Board) else value,
)
def test_every_board_by_each_of_its_runners(tmp_path: Path, board: Board, runner: str) -> None:
    start = ("west", "flash", "--build-dir", str(tmp_path), "--runner", runner)
    command = flash_command(tmp_path, TREE, WEST, board, FlashChoice(runner))
    assert command.arguments == start
    command = flash_command(tmp_path, TREE, WEST, board, FlashChoice(runner, "0666"))
    assert command.arguments == (*start, *PROBES[runner])


def test_boards_name_runners_that_there_are() -> None:
    assert sorted(PROBES) == sorted(RUNNERS)
    named = {runner for board in BOARDS for runner in board.flash_runners}
    assert named == set(RUNNERS)
    assert all(bool(board.flash_runners) == (board.qemu is None) for board in BOARDS)


def test_a_probe_alone_goes_to_the_usual_runner(tmp_path: Path) -> None:
    choose(tmp_path, "jlink")
    command = flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice(serial_number="0666"))
    assert command.arguments[4:] == ("--runner", "jlink", "--dev-id", "0666")


def test_the_build_s_runner_counts_before_the_board_s(tmp_path: Path) -> None:
    assert runner_of_build(tmp_path, BOARD) == "openocd"
    assert runners.runners_of(tmp_path, BOARD) == ("openocd", "jlink")
    choose(tmp_path, "pyocd")
    assert runner_of_build(tmp_path, BOARD) == "pyocd"
    assert runners.runners_of(tmp_path, BOARD) == ("pyocd", "dfu-util")


def test_a_runner_that_the_board_has_not(tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"nucleo_l4r5zi cannot be flashed by .*'bossac'"
    ) as caught:
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice("bossac"))
    assert caught.value.expected == "one of openocd, jlink"


def test_a_runner_that_takes_no_probe(tmp_path: Path) -> None:
    choose(tmp_path, "dfu-util")
    with pytest.raises(BuildError, match="'dfu-util' cannot be told which probe"):
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice(serial_number="0666"))


@pytest.mark.parametrize("serial_number", ["; shutdown", "a b", "$x", "[exec]"])
def test_serial_numbers_that_a_runner_would_execute(tmp_path: Path, serial_number: str) -> None:
    with pytest.raises(BuildError, match="Serial number"):
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice(serial_number=serial_number))


def test_without_west_or_its_workspace(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="west is not installed"):
        flash_command(tmp_path, TREE, None, BOARD, FlashChoice())
    tree = ZephyrTree(TREE.base, TREE.version, None)
    with pytest.raises(BuildError, match="is not in a west workspace"):
        flash_command(tmp_path, tree, WEST, BOARD, FlashChoice())


@pytest.mark.parametrize("name", sorted(RUNNERS))
def test_a_program_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Said with how to get it, unless Zephyr or its installer's folder knows it."""
    monkeypatch.setattr(runners, "has_program", lambda program: False)
    runner = RUNNERS[name]
    choose(tmp_path, name)
    with pytest.raises(BuildError, match=f"needs the program {runner.program}") as caught:
        require_program(tmp_path, BOARD, FlashChoice(), tmp_path)
    assert runner.install in caught.value.hint
    assert "runner=dfu-util" in caught.value.hint
    if runner.places:
        (tmp_path / runner.places[0]).mkdir(parents=True)
        require_program(tmp_path, BOARD, FlashChoice(), tmp_path)
    choose(tmp_path, name, config=f"  {name}: /opt/{name}\n")
    require_program(tmp_path, BOARD, FlashChoice(), tmp_path / "home")


def test_a_program_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "has_program", lambda program: program == "openocd")
    require_program(tmp_path, BOARD, FlashChoice(), tmp_path)
    with pytest.raises(BuildError, match="JLinkExe"):
        require_program(tmp_path, BOARD, FlashChoice("jlink"), tmp_path)

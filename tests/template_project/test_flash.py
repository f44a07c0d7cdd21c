# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Commands that flash and reset, compared whole; what a runner cannot; missing programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from microtvm_project import runners
from microtvm_project.boards import Board, find_board, list_boards
from microtvm_project.errors import BuildError
from microtvm_project.flash import (
    FlashChoice,
    flash_command,
    require_program,
    reset_command,
    runner_of_build,
    runners_of,
)
from microtvm_project.runners import RUNNERS, Capability
from microtvm_project.zephyr import ZephyrTree
from microtvm_project.zephyr_version import ZephyrVersion
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


# What each runner is told to reset a board, with a probe and without, by the programs' manuals.
RESETS = {
    "jlink": (
        *("JLinkExe", "-USB", "0666", "-nogui", "1", "-if", "swd", "-speed", "4000"),
        *("-device", "PART", "-CommanderScript", str(runners._JLINK_RESET)),
    ),
    "nrfjprog": ("nrfjprog", "--reset", "--snr", "0666"),
    "nrfutil": ("nrfutil", "device", "reset", "--serial-number", "0666"),
    "openocd": (
        *("openocd", "-s", "{BOARD}/support", "-f", "{BOARD}/support/openocd.cfg"),
        *("-c", "transport select swd", "-c", "adapter serial 0666"),
        *("-c", "init", "-c", "reset run", "-c", "shutdown"),
    ),
    "pyocd": ("pyocd", "reset", "-t", "part", "-u", "0666"),
    "stm32cubeprogrammer": (
        *("STM32_Programmer_CLI", "--connect", "port=swd", "mode=HOTPLUG", "sn=0666"),
        "-hardRst",
    ),
}
CANNOT_ERASE = {"openocd"}
ARGUMENTS = """args:
  jlink:
    - --device=PART
    - --speed=4000
  openocd:
    - --cmd-pre-init
    - transport select swd
  pyocd:
    - --target=part
"""


def choose(build: Path, runner: str, config: str = "", arguments: str = "") -> None:
    (build / "zephyr").mkdir(parents=True, exist_ok=True)
    listed = f"runners:\n- {runner}\n- dfu-util\n\n"
    chosen = f"flash-runner: {runner}\ndebug-runner: openocd\nconfig:\n  board_dir: {build}/board\n"
    text = f"# Runners\n{listed}{chosen}{config}{arguments}"
    (build / "zephyr" / "runners.yaml").write_text(text)


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
    if runner not in CANNOT_ERASE:
        command = flash_command(
            tmp_path, TREE, WEST, board, FlashChoice(runner, "0666", erase=True)
        )
        assert command.arguments == (*start, *PROBES[runner], "--erase")


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
    assert runners_of(tmp_path, BOARD) == ("openocd", "jlink")
    choose(tmp_path, "pyocd")
    assert runner_of_build(tmp_path, BOARD) == "pyocd"
    assert runners_of(tmp_path, BOARD) == ("pyocd", "dfu-util")


def test_a_runner_that_the_board_has_not(tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"nucleo_l4r5zi cannot be flashed by .*'bossac'"
    ) as caught:
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice("bossac"))
    assert caught.value.expected == "one of openocd, jlink"


def test_a_runner_that_takes_no_probe(tmp_path: Path) -> None:
    choose(tmp_path, "pyocd")
    choice = FlashChoice("dfu-util", serial_number="0666")
    with pytest.raises(BuildError, match="'dfu-util' cannot be told which probe") as caught:
        flash_command(tmp_path, TREE, WEST, BOARD, choice)
    assert caught.value.expected == "one of pyocd"
    assert "runner=pyocd, or attach one board only" in caught.value.hint


def test_a_runner_that_does_not_erase(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="'openocd' cannot erase the whole flash") as caught:
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice(erase=True))
    assert caught.value.expected == "one of jlink"
    choose(tmp_path, "openocd")
    with pytest.raises(BuildError) as caught:
        flash_command(tmp_path, TREE, WEST, BOARD, FlashChoice(erase=True))
    assert caught.value.expected == "nothing of the kind: no runner can"
    assert caught.value.hint.startswith("leave erase out")


def test_what_each_runner_can() -> None:
    can = {capability: set() for capability in Capability}
    for runner in RUNNERS.values():
        for capability in runner.can:
            can[capability].add(runner.name)
    assert can[Capability.CHOOSE_PROBE] == set(PROBES)
    assert can[Capability.ERASE] == set(PROBES) - CANNOT_ERASE
    assert can[Capability.RESET] == set(RESETS)


@pytest.mark.parametrize("name", sorted(RESETS))
def test_resetting_a_board(tmp_path: Path, name: str) -> None:
    choose(tmp_path, name, arguments=ARGUMENTS)
    (tmp_path / "board/support").mkdir(parents=True)
    (tmp_path / "board/support/openocd.cfg").touch()
    words = tuple(word.replace("{BOARD}", f"{tmp_path}/board") for word in RESETS[name])
    assert reset_command(tmp_path, BOARD, FlashChoice(serial_number="0666")).arguments == words
    alone = reset_command(tmp_path, BOARD, FlashChoice(name)).arguments
    assert not [word for word in alone if "0666" in word or "serial" in word]
    assert set(alone) < set(words)
    with pytest.raises(BuildError, match="Serial number"):
        reset_command(tmp_path, BOARD, FlashChoice(serial_number="0666; x"))


def test_runners_that_reset_nothing(tmp_path: Path) -> None:
    choose(tmp_path, "linkserver")
    with pytest.raises(BuildError, match="'linkserver' cannot reset a board"):
        reset_command(tmp_path, BOARD, FlashChoice())
    for name in ("jlink", "openocd"):
        choose(tmp_path, name)
        with pytest.raises(BuildError, match=f"does not say how the runner {name} reaches it"):
            reset_command(tmp_path, BOARD, FlashChoice())


def test_jlink_resets_by_a_file_that_is_there() -> None:
    assert runners._JLINK_RESET.read_text().split() == ["ExitOnError", "1", "r", "g", "q"]


def test_a_board_that_nothing_flashes(tmp_path: Path) -> None:
    board = find_board(ROOT / "boards", "mps2_an386")
    with pytest.raises(BuildError, match="no way to flash board mps2_an386"):
        flash_command(tmp_path, TREE, WEST, board, FlashChoice())


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

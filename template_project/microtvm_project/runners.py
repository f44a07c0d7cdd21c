# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""West's flash runners: one row each, with how a runner is told which probe to use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import BuildError
from microtvm_project.process import Command
from microtvm_project.toolchain import has_program

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.boards import Board
    from microtvm_project.zephyr import ZephyrTree


@dataclass(frozen=True)
class Runner:
    """What a runner of west's can do, and what it needs.

    Attributes:
        program: what it starts; Zephyr's build may know another place of it.
        install: how people get the program.
        probe_arguments: of `west flash`, to choose a probe; {} stands for its serial number.
        places: below the home folder, where its installer puts it if not on PATH.
    """

    name: str
    program: str
    install: str
    probe_arguments: tuple[str, ...]
    places: tuple[str, ...] = ()

    def choose_probe(self, serial_number: str) -> tuple[str, ...]:
        """The arguments for one probe."""
        return tuple(argument.replace("{}", serial_number) for argument in self.probe_arguments)

    def is_installed(self, home: Path) -> bool:
        """Whether its program is on PATH, beside this Python or in its installer's place."""
        return has_program(self.program) or any((home / place).exists() for place in self.places)


_DEV_ID = ("--dev-id", "{}")
RUNNERS = {
    runner.name: runner
    for runner in (
        Runner("jlink", "JLinkExe", "get the J-Link software from SEGGER's download page", _DEV_ID),
        Runner("linkserver", "LinkServer", "get LinkServer from NXP's web site", ("--probe", "{}")),
        Runner(
            "nrfjprog", "nrfjprog", "get the nRF Command Line Tools from Nordic's site", _DEV_ID
        ),
        Runner("nrfutil", "nrfutil", "get nRF Util from Nordic's web site", _DEV_ID),
        Runner(
            "openocd",
            "openocd",
            "sudo apt-get install openocd",
            ("--cmd-pre-init", "adapter serial {}"),
        ),
        Runner("pyocd", "pyocd", "pip install pyocd", _DEV_ID),
        Runner(
            "stm32cubeprogrammer",
            "STM32_Programmer_CLI",
            "get STM32CubeProgrammer from ST's web site",
            ("--tool-opt=sn={}",),
            places=("STMicroelectronics/STM32Cube/STM32CubeProgrammer",),
        ),
    )
}

_SERIAL_NUMBER = re.compile(r"[A-Za-z0-9_.:-]+")
_RUNNERS = re.compile(r"^runners:\s*\n((?:- *[A-Za-z0-9_-]+\s*\n)+)", re.MULTILINE)
_FLASH_RUNNER = re.compile(r"^flash-runner:\s*([A-Za-z0-9_-]+)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class FlashChoice:
    """What a user may say of how to flash: by which runner, and which probe; "" for neither."""

    runner: str = ""
    serial_number: str = ""


def flash_command(
    build: Path,
    tree: ZephyrTree,
    west: tuple[str, ...] | None,
    board: Board,
    choice: FlashChoice,
) -> Command:
    """`west flash` for a built project.

    Raises:
        BuildError: west is missing, or the board has no such runner, or it cannot be told which
            probe to use.
    """
    if west is None:
        raise BuildError(
            "west is not installed, and flashing needs it",
            hint="pip install west, or --project-option west_cmd=COMMAND",
        )
    if tree.workspace is None:
        raise BuildError(
            f"{tree.base} is not in a west workspace, and west flashes only from one",
            hint="run `west init -l` and `west update` around the Zephyr tree",
        )
    name = _runner_name(build, board, choice)
    arguments = (*west, "flash", "--build-dir", str(build))
    if choice.runner or choice.serial_number:
        arguments += ("--runner", name)
    if choice.serial_number:
        arguments += _probe_arguments(name, choice.serial_number)
    return Command(arguments, tree.workspace, {"ZEPHYR_BASE": str(tree.base)})


def require_program(build: Path, board: Board, choice: FlashChoice, home: Path) -> None:
    """Sees to it that the runner's program is there before west is started.

    A runner that we do not know is left to west.

    Raises:
        BuildError: it is not installed; the message says how to get it.
    """
    name = _runner_name(build, board, choice)
    runner = RUNNERS.get(name)
    known_place = re.search(rf"^\s+{re.escape(name)}: *\S", _runners_file(build), re.MULTILINE)
    if runner is None or known_place or runner.is_installed(home):
        return
    others = [other for other in runners_of(build, board) if other != name]
    instead = f", or --project-option runner={' or '.join(others)}" if others else ""
    raise BuildError(
        f"The flash runner {name} needs the program {runner.program}, which is not installed",
        expected=f"{runner.program} on PATH",
        hint=f"{runner.install}{instead}",
    )


def runners_of(build: Path, board: Board) -> tuple[str, ...]:
    """The runners that Zephyr has set up for the build, else the board's."""
    listed = _RUNNERS.search(_runners_file(build))
    return tuple(re.findall(r"[\w-]*\w", listed[1])) if listed else board.flash_runners


def runner_of_build(build: Path, board: Board) -> str:
    """The runner that Zephyr has chosen for the build, else the board's first."""
    match = _FLASH_RUNNER.search(_runners_file(build))
    if match:
        return match.group(1)
    return board.flash_runners[0] if board.flash_runners else ""


def _runner_name(build: Path, board: Board, choice: FlashChoice) -> str:
    if not choice.runner:
        return runner_of_build(build, board)
    known = runners_of(build, board)
    if choice.runner not in known:
        raise BuildError(
            f"Board {board.name} cannot be flashed by runner {choice.runner!r}",
            expected=f"one of {', '.join(known)}" if known else "no runner: it has none",
        )
    return choice.runner


def _probe_arguments(name: str, serial_number: str) -> tuple[str, ...]:
    if name not in RUNNERS:
        raise BuildError(
            f"Flash runner {name!r} cannot be told which probe to use",
            expected=f"one of {', '.join(sorted(RUNNERS))}",
            hint="attach one board only and leave serial_number out",
        )
    if not _SERIAL_NUMBER.fullmatch(serial_number):
        raise BuildError(
            f"Serial number {serial_number!r} is not one", expected="letters, digits, _ . : -"
        )
    return RUNNERS[name].choose_probe(serial_number)


def _runners_file(build: Path) -> str:
    """What Zephyr wrote of the build's runners, "" where it wrote nothing."""
    try:
        path = build / "zephyr" / "runners.yaml"
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

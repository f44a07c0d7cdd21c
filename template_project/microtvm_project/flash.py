# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Commands that flash a built project and reset its board. Nothing runs here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import BuildError
from microtvm_project.process import Command
from microtvm_project.runners import RUNNERS, Capability, Runner
from microtvm_project.runners_file import read_runners_file

if TYPE_CHECKING:
    from pathlib import Path

    from microtvm_project.boards import Board
    from microtvm_project.zephyr import ZephyrTree

_SERIAL_NUMBER = re.compile(r"[A-Za-z0-9_.:-]+")
_ADVICE = {
    Capability.CHOOSE_PROBE: "attach one board only and leave serial_number out",
    Capability.ERASE: "leave erase out: what the image needs is erased in any case",
    Capability.RESET: "reset the board by hand",
}


@dataclass(frozen=True)
class FlashChoice:
    """What a user may say of how to flash: by which runner, and which probe; "" for neither.

    Attributes:
        erase: whether all of the flash is erased first, not only what the image takes.
    """

    runner: str = ""
    serial_number: str = ""
    erase: bool = False


def flash_command(
    build: Path,
    tree: ZephyrTree,
    west: tuple[str, ...] | None,
    board: Board,
    choice: FlashChoice,
) -> Command:
    """`west flash` for a built project.

    Raises:
        BuildError: west is missing, or the board has no such runner, or it cannot do what is
            asked for.
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
    if choice != FlashChoice():
        arguments += ("--runner", name)
    if choice.serial_number:
        runner = _require(name, Capability.CHOOSE_PROBE, build, board)
        arguments += runner.choose_probe(_checked(choice.serial_number))
    if choice.erase:
        _require(name, Capability.ERASE, build, board)
        arguments += ("--erase",)
    return Command(arguments, tree.workspace, {"ZEPHYR_BASE": str(tree.base)})


def reset_command(build: Path, board: Board, choice: FlashChoice) -> Command:
    """What resets the board of a built project, without west.

    Raises:
        BuildError: the runner has no command for it, or lacks what it would need to know.
    """
    name = _runner_name(build, board, choice)
    runner = _require(name, Capability.RESET, build, board)
    number = choice.serial_number
    words = runner.reset_command(_checked(number) if number else "", read_runners_file(build))
    if not words:
        raise BuildError(
            f"Zephyr's board {board.name} does not say how the runner {name} reaches it",
            hint=_ADVICE[Capability.RESET],
        )
    return Command(words, build)


def require_program(build: Path, board: Board, choice: FlashChoice, home: Path) -> None:
    """Sees to it that the runner's program is there before west is started.

    A runner that we do not know is left to west.

    Raises:
        BuildError: it is not installed; the message says how to get it.
    """
    name = _runner_name(build, board, choice)
    runner = RUNNERS.get(name)
    known_place = read_runners_file(build).config.get(name)
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
    return read_runners_file(build).names or board.flash_runners


def runner_of_build(build: Path, board: Board) -> str:
    """The runner that Zephyr has chosen for the build, else the board's first."""
    return read_runners_file(build).flash_runner or next(iter(board.flash_runners), "")


def _runner_name(build: Path, board: Board, choice: FlashChoice) -> str:
    known = runners_of(build, board)
    name = choice.runner or runner_of_build(build, board)
    if not name:
        raise BuildError(
            f"Zephyr knows no way to flash board {board.name}", hint="flash the image by hand"
        )
    if name not in known:
        raise BuildError(
            f"Board {board.name} cannot be flashed by runner {name!r}",
            expected=f"one of {', '.join(known)}" if known else "no runner: it has none",
        )
    return name


def _require(name: str, capability: Capability, build: Path, board: Board) -> Runner:
    """The runner, which must be able to do that."""
    runner = RUNNERS.get(name)
    if runner is not None and capability in runner.can:
        return runner
    able = [
        other
        for other in runners_of(build, board)
        if other in RUNNERS and capability in RUNNERS[other].can
    ]
    instead = f"--project-option runner={' or '.join(able)}, or " if able else ""
    raise BuildError(
        f"Flash runner {name!r} cannot {capability.value}",
        expected=f"one of {', '.join(able)}" if able else "nothing of the kind: no runner can",
        hint=f"{instead}{_ADVICE[capability]}",
    )


def _checked(serial_number: str) -> str:
    """A serial number that no runner takes for a command."""
    if not _SERIAL_NUMBER.fullmatch(serial_number):
        raise BuildError(
            f"Serial number {serial_number!r} is not one", expected="letters, digits, _ . : -"
        )
    return serial_number

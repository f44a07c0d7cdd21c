# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Starts a board again by its probe, whatever its program does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project import flash
from microtvm_project.build_info import BUILD_FOLDER
from microtvm_project.errors import BuildError
from microtvm_project.process import run_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from microtvm_project.builder import Project
    from microtvm_project.options import OptionValues

# Less than a client waits for a reply; a probe's program needs a second or two.
_TIMEOUT_S = 30.0

_TOLD_LINES = 4


def reset_board(
    project: Project, options: OptionValues, serial_number: str, check: Callable[[], None]
) -> None:
    """Runs the reset command of the board's flash runner.

    Args:
        serial_number: of the probe, "" where it is not known.
        check: called while the program runs; raises to end it.

    Raises:
        BuildError: the runner cannot reset, or its program is missing, failed or took too long.
    """
    build = project.folder / BUILD_FOLDER
    choice = flash.FlashChoice(options.text("runner") or "", serial_number)
    command = flash.reset_command(build, project.board, choice)
    flash.require_program(build, project.board, choice, Path.home())
    outcome = run_within(command, _TIMEOUT_S, check)
    if outcome.code == 0:
        return
    ended = f"ended with exit code {outcome.code}"
    if outcome.code is None:
        ended = f"did not end within {_TIMEOUT_S:g} s"
    said = outcome.text.strip().splitlines()[-_TOLD_LINES:]
    raise BuildError("\n".join((f"The board was not reset; a program {ended}: {command}", *said)))

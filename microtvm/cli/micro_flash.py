# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro flash: a project's firmware to the board."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from microtvm.cli.command import Command
from microtvm.cli.project_arguments import (
    add_platform,
    add_project_dir,
    add_project_options,
    check_platform,
    log_sink,
    options_for,
)
from microtvm.cli.several_boards import board_targets, run_all
from microtvm.errors import BuildError

if TYPE_CHECKING:
    from microtvm.cli.console import Console
    from microtvm.cli.several_boards import BoardTarget

_METHOD = "flash"


class FlashCommand(Command):
    name = "flash"
    summary = "Bring a project's firmware to its board; QEMU needs no such step"
    description = (
        f"{summary}. Where serial_number or place lists several boards with commas between them,"
        " all are flashed at once."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_project_dir(parser)
        add_platform(parser, "the project knows it if it is left out")
        parser.add_argument(
            "-n",
            "--dry-run",
            action="store_true",
            help="print the command that would flash the board, and run nothing",
        )
        add_project_options(parser, _METHOD)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.project import GeneratedProject

        check_platform(arguments)
        options = dict(options_for(arguments, _METHOD))
        if arguments.dry_run:
            options["dry_run"] = "true"
        folder = arguments.project_dir
        if not GeneratedProject(folder).is_built():
            raise BuildError(
                f"{folder} has no build", hint=f"tvmc micro build {folder}, then flash"
            )
        targets = board_targets([folder], options)
        if len(targets) == 1:
            _flash(targets[0], arguments, console)
        else:
            run_all({one.label: partial(_flash, one, arguments) for one in targets}, console)
        return 0


def _flash(target: BoardTarget, arguments: argparse.Namespace, console: Console) -> None:
    from microtvm.project import GeneratedProject

    project = GeneratedProject(target.folder, log_sink(arguments, target.options, console))
    with console.step(f"flash {target.folder}"):
        project.flash(target.options)

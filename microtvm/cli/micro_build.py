# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro build: a project's firmware, and what it takes of the board's memories and stack."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from microtvm.cli.command import Command
from microtvm.cli.console import format_table
from microtvm.cli.memory_table import memory_table
from microtvm.cli.project_arguments import (
    add_platform,
    add_project_dir,
    add_project_options,
    check_platform,
    is_own_project,
    log_sink,
    options_for,
)

if TYPE_CHECKING:
    from microtvm_project.stack.report import StackReport

    from microtvm.cli.console import Console

_METHOD = "build"


class BuildCommand(Command):
    name = "build"
    summary = "Build a project's firmware"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "-f", "--force", action="store_true", help="remove the older build and begin anew"
        )
        add_project_dir(parser)
        add_platform(parser, "the project knows it if it is left out")
        add_project_options(parser, _METHOD)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.project import GeneratedProject

        check_platform(arguments)
        options = options_for(arguments, _METHOD)
        project = GeneratedProject(arguments.project_dir, log_sink(arguments, options, console))
        if arguments.force:
            project.clean()
        with console.step(f"build {arguments.project_dir}"):
            project.build(options)
        if is_own_project(project.folder):
            console.print(memory_table(project.memory_report()))
            console.print()
            console.print(stack_table(project.stack_report()))
        return 0


def stack_table(report: StackReport) -> str:
    """The bound on the main stack and its parts, and the functions on the deepest way."""
    rows = [
        *((f"inference of {name}", bound.size) for name, bound in sorted(report.models.items())),
        ("program, inference included", report.program.size),
        ("interrupt", report.interrupt_bytes),
        *([("guard", report.guard_bytes)] if report.guard_bytes else []),
        ("bound", report.bound),
        ("main stack", report.configured),
    ]
    table = format_table(
        ["stack", "bytes"], [[title, "-" if size is None else f"{size:,}"] for title, size in rows]
    )
    told = f"deepest: {report.describe()}"
    return f"{table}\n{told if report.bound else f'no bound: {report.program.problem}'}"

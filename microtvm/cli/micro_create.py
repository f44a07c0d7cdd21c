# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro create-project: a model archive to a project that can be built."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.command import Command, UsageError
from microtvm.cli.project_arguments import (
    add_platform,
    add_project_dir,
    add_project_options,
    check_method,
    log_sink,
    parse_project_options,
    template_of,
)

if TYPE_CHECKING:
    from microtvm.cli.console import Console

_METHOD = "generate_project"


class CreateCommand(Command):
    name = "create-project"
    aliases = ("create",)
    summary = "Create a project from a Model Library Format archive"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("-f", "--force", action="store_true", help="replace an older project")
        add_project_dir(parser)
        parser.add_argument("archive", type=Path, metavar="MLF", help="what tvmc compile wrote")
        add_platform(parser, "zephyr if a Zephyr tree is known, else baremetal, if it is left out")
        add_project_options(parser, _METHOD)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.project import create_project, list_options

        template = template_of(arguments)
        options = _with_platform(arguments, template)
        check_method(list_options(template), _METHOD, options)
        folder: Path = arguments.project_dir
        with console.step(f"create {folder}"):
            create_project(
                folder,
                arguments.archive,
                options,
                template=template,
                force=arguments.force,
                log=log_sink(arguments, options, console),
            )
        return 0


def _with_platform(arguments: argparse.Namespace, template: Path | None) -> dict[str, str]:
    """The options given, with the platform among them where it is one of ours."""
    options = parse_project_options(arguments.project_option)
    platform = arguments.platform
    if template is not None or platform is None:
        return options
    if options.setdefault("platform", platform) != platform:
        raise UsageError(f"the platform is {platform} and, as an option, {options['platform']}")
    return options

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The arguments that name a project, its platform and its options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.command import UsageError
from microtvm.errors import OptionError

if TYPE_CHECKING:
    from microtvm_project.project_option import ProjectOption

    from microtvm.cli.console import Console

OWN_PLATFORMS = ("zephyr", "baremetal")
TEMPLATE = "template"
_PROJECT_FILE = "project.json"


def add_project_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "project_dir", type=Path, metavar="PROJECT_DIR", help="the project's folder"
    )


def add_platform(parser: argparse.ArgumentParser, absent: str) -> None:
    """PLATFORM and --template-dir; `absent` says what happens where PLATFORM is left out."""
    parser.add_argument(
        "platform",
        nargs="?",
        choices=(*OWN_PLATFORMS, TEMPLATE),
        metavar="PLATFORM",
        help=f"{', '.join(OWN_PLATFORMS)} or {TEMPLATE}; {absent}",
    )
    parser.add_argument(
        "--template-dir",
        type=Path,
        metavar="DIR",
        help=f"folder of the template whose server is used; with the platform {TEMPLATE}",
    )


def add_project_options(parser: argparse.ArgumentParser, method: str) -> None:
    """--project-option, and --list-options for those of this method of the Project API."""
    parser.add_argument(
        "--project-option",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="options of the project; write them last, as all words up to the next flag are taken",
    )
    parser.add_argument(
        "--list-options",
        action=_ListOptions,
        nargs=0,
        const=method,
        help="show the project options; those of another template if --template-dir comes before",
    )


def parse_project_options(words: Sequence[str]) -> dict[str, str]:
    """Splits each NAME=VALUE at its first '='."""
    options: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(
                f"'{word}' is no project option",
                expected="NAME=VALUE",
                hint="--project-option after the other arguments, which it would take for its own",
            )
        if options.setdefault(name, value) != value:
            raise UsageError(f"project option '{name}' is given twice, with different values")
    return options


def template_of(arguments: argparse.Namespace) -> Path | None:
    """The folder of another template than our own, if one is asked for."""
    wanted = arguments.platform == TEMPLATE
    template: Path | None = arguments.template_dir
    if wanted and template is None:
        raise UsageError(f"the platform {TEMPLATE} needs a template", expected="--template-dir DIR")
    if template is not None and not wanted:
        raise UsageError(f"--template-dir goes with the platform {TEMPLATE}")
    return template


def options_for(arguments: argparse.Namespace, method: str) -> dict[str, str]:
    """The project options for a call on an existing project, checked against its server's."""
    options = parse_project_options(arguments.project_option)
    check_options(arguments.project_dir, options, method)
    return options


def check_options(folder: Path, options: Mapping[str, str], method: str) -> None:
    """Refuses options that the method of an existing project's server does not take."""
    from microtvm.project import list_options

    if options:
        check_method(list_options(None if is_own_project(folder) else folder), method, options)


def is_own_project(folder: Path) -> bool:
    """Whether our own template made the project."""
    return (folder / _PROJECT_FILE).is_file()


def log_sink(
    arguments: argparse.Namespace, options: Mapping[str, str], console: Console
) -> Callable[[str], None] | None:
    """Where the server's log lines go: to the person who asked for them, else nowhere."""
    flags = [options.get(name, "").lower() == "true" for name in ("verbose", "dry_run")]
    asked = getattr(arguments, "verbose", 0) or any(flags)
    return console.note if asked else None


def check_platform(arguments: argparse.Namespace) -> None:
    """Refuses a platform that is not the one that the project was created for."""
    from microtvm.project import GeneratedProject

    template_of(arguments)
    if arguments.platform not in OWN_PLATFORMS:
        return
    created = GeneratedProject(arguments.project_dir).info().platform
    if created != arguments.platform:
        raise OptionError(
            f"the project in {arguments.project_dir} is for the platform {created}",
            expected=f"{created}, or no platform at all",
        )


def check_method(rows: Iterable[ProjectOption], method: str, names: Iterable[str]) -> None:
    """Refuses options that the method does not take.

    Raises:
        OptionError: one of them is unknown, or another method's.
    """
    taken = sorted(row.name for row in rows if row.applies_to(method))
    for name in names:
        if name not in taken:
            raise OptionError(
                f"Option '{name}' is invalid here",
                expected=f"one of {', '.join(taken)}" if taken else "no project option",
                hint="--list-options",
            )


def describe_options(rows: Iterable[ProjectOption], method: str) -> str:
    """The options that a method takes, as --list-options shows them."""
    from microtvm_project.options import options_of

    return "\n".join(_describe(row, method) for row in options_of(rows, method))


def _describe(row: ProjectOption, method: str) -> str:
    choices = row.choices or (("true", "false") if row.type == "bool" else ())
    values = "{" + ",".join(choices) + "}" if choices else row.type.upper()
    lines = [f"{row.name}={values}", f"    {row.help}"]
    if method in row.required:
        lines.append("    (required)")
    elif row.default is not None:
        shown = str(row.default).lower() if row.type == "bool" else row.default
        lines.append(f"    Defaults to {shown}.")
    return "\n".join(lines)


class _ListOptions(argparse.Action):
    """As --help does: prints and ends. Only another template's server is ever started."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: object
    ) -> None:
        from microtvm.project import list_options

        rows = list_options(getattr(namespace, "template_dir", None))
        sys.stdout.write(describe_options(rows, str(self.const)) + "\n")
        parser.exit()

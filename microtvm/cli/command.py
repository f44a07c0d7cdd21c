# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a subcommand is, and the parser that raises where argparse would end the process."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NoReturn

from microtvm.errors import MicroTVMError

if TYPE_CHECKING:
    from microtvm.cli.console import Console


class UsageError(MicroTVMError):
    """A command line that does not follow the grammar."""

    exit_code = 2


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are ours; --help alone still ends the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}", hint=f"{self.prog} --help")


class Command(ABC):
    """One subcommand: its name, its arguments, and what it does."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str]
    description: ClassVar[str] = ""

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the arguments. Nothing heavy may be imported, no process started here."""

    @abstractmethod
    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        """Does the work and returns the exit code; failures are raised as MicroTVMError."""


class CommandGroup(Command):
    """A word before a choice of commands, as `micro` in `tvmc micro build`."""

    commands: ClassVar[tuple[Command, ...]]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_commands(parser, self.commands)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        raise UsageError(f"tvmc {self.name} needs a command", hint=f"tvmc {self.name} --help")


def add_commands(parser: argparse.ArgumentParser, commands: Sequence[Command]) -> None:
    """Makes each command a subparser, which sets `arguments.command`."""
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for command in commands:
        subparser = subparsers.add_parser(
            command.name,
            aliases=command.aliases,
            help=command.summary,
            description=command.description or f"{command.summary}.",
            allow_abbrev=False,
        )
        add_verbosity(subparser)
        command.add_arguments(subparser)
        subparser.set_defaults(command=command)


def add_verbosity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=argparse.SUPPRESS,
        help="log what is done, and show the traceback of an unexpected error; twice for more",
    )

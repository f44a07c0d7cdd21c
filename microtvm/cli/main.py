# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The entry point of tvmc: the parser, logging, and the one place where errors are printed."""

from __future__ import annotations

import argparse
import io
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from microtvm.cli.command import Command, Parser, add_commands, add_verbosity
from microtvm.cli.compile import CompileCommand
from microtvm.cli.console import Console
from microtvm.cli.micro import MicroCommand
from microtvm.cli.report import ReportCommand
from microtvm.cli.run import RunCommand
from microtvm.errors import MicroTVMError

COMMANDS: tuple[Command, ...] = (
    CompileCommand(),
    MicroCommand(),
    ReportCommand(),
    RunCommand(),
)

_FILE_ERROR = 1
_INTERNAL_ERROR = 70
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_LOG_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_DESCRIPTION = "Compile TFLite models for microcontrollers, build them into firmware, run them."


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and returns the process's exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names come from models, and not every terminal can show all of them.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _discard_output()
        return _BROKEN_PIPE
    except OSError as error:
        _discard_output()
        _complain(f"cannot write to standard output: {error.strerror}")
        return _FILE_ERROR


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="tvmc", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="print the version")
    add_verbosity(parser)
    add_commands(parser, COMMANDS)
    return parser


def _discard_output() -> None:
    """The interpreter flushes once more at its end; gives that somewhere to go."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


class _ShowVersion(argparse.Action):
    """Looks the version up only when it is asked for, as that takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        sys.stdout.write(f"tvmc {version('microtvm')}\n")
        parser.exit()


def _run(words: Sequence[str]) -> int:
    verbosity = 0
    try:
        arguments = build_parser().parse_args(words)
        verbosity = getattr(arguments, "verbose", 0)
        command: Command = arguments.command
        with _logging(verbosity):
            return command.run(arguments, Console(sys.stdout, sys.stderr))
    except SystemExit as end:
        # argparse ends --help and --version so.
        return end.code if isinstance(end.code, int) else 0
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        _complain("interrupted")
        return _INTERRUPTED
    except MicroTVMError as error:
        _complain(str(error), error if verbosity > 1 else None)
        return error.exit_code
    except OSError as error:
        _complain(_file_error(error), error if verbosity else None)
        return _FILE_ERROR
    except Exception as error:
        hint = "" if verbosity else "\n  try: the same with -v, which shows the traceback"
        _complain(f"{_first_line(error)}{hint}", error if verbosity else None)
        return _INTERNAL_ERROR


@contextmanager
def _logging(verbosity: int) -> Iterator[None]:
    """Sends log records to standard error for as long as the command runs."""
    root = logging.getLogger()
    before = root.level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(_LOG_LEVELS[min(verbosity, len(_LOG_LEVELS) - 1)])
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


def _complain(text: str, error: BaseException | None = None) -> None:
    if error is not None:
        traceback.print_exception(error, file=sys.stderr)
    sys.stderr.write(f"tvmc: error: {text}\n")


def _file_error(error: OSError) -> str:
    reason = error.strerror or _first_line(error)
    return f"{reason}: '{error.filename}'" if error.filename else reason


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"unexpected {type(error).__name__}: {lines[0] if lines else 'no message'}"

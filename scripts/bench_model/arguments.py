# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/bench."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from microtvm_project.boards import Board, find_board

from bench_model.errors import BenchError
from microtvm.compiler.options import OPTIMIZE, WEIGHTS, CompileOptions
from microtvm.resources import boards_dir

_DIGITS = Path(__file__).resolve().parents[2] / "tests" / "models" / "digits_int8.tflite"
_BOARDS = "mps2_an386,mps2_an500"
_HELP = """
Counts the instructions of an inference under QEMU, estimates its cycles, measures its memory, and
compares every layer with LiteRT's reference kernels.
"""
_PROJECT_HELP = "a built and flashed project: its board's own cycles, nothing under QEMU"


@dataclass(frozen=True)
class Arguments:
    """What was asked for; with a project, at most the model that it was made from."""

    models: tuple[Path, ...]
    boards: tuple[Board, ...]
    options: CompileOptions
    project: Path | None
    json_file: Path | None
    layers: bool


def parse_arguments(words: Sequence[str]) -> Arguments:
    """Reads the command line.

    Raises:
        BenchError: there is no model.
        BoardError: no such board.
    """
    parser = argparse.ArgumentParser(prog="scripts/bench", description=_HELP)
    parser.add_argument("models", nargs="*", type=Path, metavar="model.tflite")
    parser.add_argument("--models", dest="folder", type=Path, metavar="DIR", help="all its .tflite")
    parser.add_argument("--boards", default=_BOARDS, metavar="NAME,...", help=f"default: {_BOARDS}")
    parser.add_argument("--no-simplify", action="store_true", help="as in tvmc compile")
    parser.add_argument("--weights", default="int8", choices=WEIGHTS, help="as in tvmc compile")
    parser.add_argument("--optimize", default="speed", choices=OPTIMIZE, help="as in tvmc compile")
    parser.add_argument("--ram-budget", type=int, metavar="BYTES", help="as in tvmc compile")
    parser.add_argument("--project", type=Path, metavar="DIR", help=_PROJECT_HELP)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    parser.add_argument("--no-layers", action="store_true", help="leave out the tables of layers")
    given = parser.parse_args(words)
    project: Path | None = given.project
    models = (*given.models, *_models_in(given.folder))
    if project is not None and len(models) > 1:
        parser.error("with --project: at most the one model that the project was made from")
    if given.json is not None and not given.json.absolute().parent.is_dir():
        raise BenchError(f"There is no folder {given.json.absolute().parent}", expected="one")
    return Arguments(
        models=models or (() if project else (_DIGITS,)),
        boards=tuple(find_board(boards_dir(), name) for name in given.boards.split(",")),
        options=CompileOptions(
            simplify=not given.no_simplify,
            weights=given.weights,
            optimize=given.optimize,
            ram_budget=given.ram_budget,
        ),
        project=project,
        json_file=given.json,
        layers=not given.no_layers,
    )


def describe_options(options: CompileOptions) -> str:
    """The flags that set these options, without those that set the defaults."""
    flags = [] if options.simplify else ["--no-simplify"]
    if options.weights != "int8":
        flags.append(f"--weights {options.weights}")
    if options.optimize != "speed":
        flags.append(f"--optimize {options.optimize}")
    if options.ram_budget is not None:
        flags.append(f"--ram-budget {options.ram_budget}")
    return " ".join(flags)


def _models_in(folder: Path | None) -> tuple[Path, ...]:
    if folder is None:
        return ()
    found = tuple(sorted(folder.glob("*.tflite")))
    if not found:
        raise BenchError(f"There is no model in {folder}", expected="files named *.tflite")
    return found

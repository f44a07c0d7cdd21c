# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc run: a model on a device or several, with its outputs, times, layers and their check."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.command import Command, UsageError
from microtvm.cli.files import read_file, require_directory
from microtvm.cli.project_arguments import (
    add_project_options,
    check_options,
    log_sink,
    parse_project_options,
)
from microtvm.cli.several_boards import CHOOSING, board_targets, run_all

if TYPE_CHECKING:
    from microtvm.cli.console import Console
    from microtvm.cli.run_device import DeviceRun
    from microtvm.cli.several_boards import BoardTarget
    from microtvm.cli.tensors import Tensor

_METHOD = "open_transport"
_DEVICE = "micro"
# What cli/tensors.py can fill with; it needs numpy, for which the help does not wait.
FILL_MODES = ("zeros", "ones", "random")


class RunCommand(Command):
    name = "run"
    summary = "Run a model on a device and fetch, time or check its results"
    description = (
        "Runs a model on a device and fetches, times or checks its results. Several projects, or"
        f" one whose options {', '.join(CHOOSING[:-1])} or {CHOOSING[-1]} list several boards with"
        " commas between them, run at once, each on its board: results come board by board, files"
        " have the board in their names, and the exit code is that of the worst."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--device", default=_DEVICE, metavar=_DEVICE, help="the only kind of device there is"
        )
        parser.add_argument(
            "project_dirs",
            type=Path,
            nargs="+",
            metavar="PROJECT_DIR",
            help="the project's folder; several run at once",
        )
        parser.add_argument("--module", metavar="NAME", help="which of the project's models")
        _add_data_arguments(parser)
        _add_measuring_arguments(parser)
        add_project_options(parser, _METHOD)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.cli.run_device import execute

        _check(arguments)
        given = parse_project_options(arguments.project_option)
        targets = board_targets(arguments.project_dirs, given)
        references = _References(arguments, console)
        runs = [_prepare(target, arguments, references, console) for target in targets]
        if len(runs) == 1:
            execute(runs[0], arguments, console)
        else:
            works = (partial(execute, run, arguments) for run in runs)
            run_all(dict(zip((target.label for target in targets), works, strict=True)), console)
        return 0


class _References:
    """What LiteRT makes of inputs, before any device is asked; once for the same inputs."""

    def __init__(self, arguments: argparse.Namespace, console: Console) -> None:
        self._model: Path | None = arguments.validate
        self._console = console
        self._known: dict[tuple[bytes, ...], dict[int, Tensor]] = {}

    def of(self, inputs: list[Tensor]) -> dict[int, Tensor] | None:
        """Tensors by their index in the model file; None where nothing is to be compared."""
        from microtvm.validate import run_isolated

        if self._model is None:
            return None
        key = tuple(array.tobytes() for array in inputs)
        if key not in self._known:
            model = read_file(self._model, "the model")
            with self._console.step(f"run {self._model.name} with LiteRT's reference kernels"):
                self._known[key] = run_isolated(model, [inputs])[0]
        return self._known[key]


def _prepare(
    target: BoardTarget, arguments: argparse.Namespace, references: _References, console: Console
) -> DeviceRun:
    """Refuses what can be refused before any device is asked."""
    from microtvm.cli.run_device import DeviceRun, counts_instructions, inputs_for, open_session
    from microtvm.project import GeneratedProject

    check_options(target.folder, target.options, _METHOD)
    own = console.labelled(target.label) if target.label else console
    project = GeneratedProject(target.folder, log_sink(arguments, target.options, own))
    session = open_session(project, arguments.module, target.options)
    inputs = inputs_for(session, arguments)
    return DeviceRun(
        title=str(target.folder),
        session=session,
        inputs=inputs,
        outputs=None if arguments.outputs is None else target.own_path(arguments.outputs),
        reference=references.of(inputs),
        counts_instructions=arguments.profile and counts_instructions(project, target.options),
    )


def _add_data_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    group.add_argument("-i", "--inputs", type=Path, metavar="FILE", help="the inputs, as .npz")
    group.add_argument(
        "--fill-mode",
        choices=FILL_MODES,
        default="random",
        help="what the inputs hold where no file gives them (default: random, always the same)",
    )
    group.add_argument(
        "-o", "--outputs", type=Path, metavar="FILE", help="write the outputs to this .npz file"
    )
    group.add_argument(
        "--print-top", type=_positive, metavar="N", help="print the N largest values of each output"
    )
    group.add_argument(
        "--validate",
        type=Path,
        metavar="MODEL",
        help="compare each layer with LiteRT's reference for this .tflite file",
    )


def _add_measuring_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("measuring")
    group.add_argument("--print-time", action="store_true", help="print the times of the runs")
    group.add_argument("--profile", action="store_true", help="print what each layer takes")
    group.add_argument(
        "--number", type=_positive, default=1, metavar="N", help="runs in a measurement"
    )
    group.add_argument(
        "--repeat", type=_positive, default=1, metavar="N", help="number of measurements"
    )


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _check(arguments: argparse.Namespace) -> None:
    if arguments.device != _DEVICE:
        raise UsageError(
            f"--device {arguments.device} cannot be honoured", expected=f"--device {_DEVICE}"
        )
    if arguments.outputs is not None:
        require_directory(arguments.outputs.parent)

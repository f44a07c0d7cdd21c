# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc run: a model on a device, with its outputs, times, layers and their check."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm.cli.command import Command, UsageError
from microtvm.cli.files import read_file, require_directory
from microtvm.cli.project_arguments import (
    add_project_dir,
    add_project_options,
    log_sink,
    options_for,
)
from microtvm.cli.project_board import board_of
from microtvm.errors import SessionError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from microtvm.cli.console import Console
    from microtvm.cli.tensors import Tensor
    from microtvm.project import GeneratedProject
    from microtvm.session import Session, TensorInfo

_METHOD = "open_transport"
_DEVICE = "micro"
# What cli/tensors.py can fill with; it needs numpy, for which the help does not wait.
FILL_MODES = ("zeros", "ones", "random")


class RunCommand(Command):
    name = "run"
    summary = "Run a model on a device and fetch, time or check its results"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--device", default=_DEVICE, metavar=_DEVICE, help="the only kind of device there is"
        )
        add_project_dir(parser)
        parser.add_argument("--module", metavar="NAME", help="which of the project's models")
        _add_data_arguments(parser)
        _add_measuring_arguments(parser)
        add_project_options(parser, _METHOD)

    def run(self, arguments: argparse.Namespace, console: Console) -> int:
        from microtvm.project import GeneratedProject

        _check(arguments)
        options = options_for(arguments, _METHOD)
        project = GeneratedProject(arguments.project_dir, log_sink(arguments, options, console))
        session = _session(project, arguments.module, options)
        inputs = _inputs(session, arguments)
        reference = _reference(arguments, inputs, console)
        with ExitStack() as stack:
            with console.step(f"connect to the device of {arguments.project_dir}"):
                stack.enter_context(session)
            for index, array in enumerate(inputs):
                session.set_input(index, array)
            _measure(session, arguments, console)
            if arguments.profile:
                _profile(session, _counts_instructions(project, options), console)
            if reference is not None:
                _validate(session, reference, console)
        return 0


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


def _session(project: GeneratedProject, module: str | None, options: Mapping[str, str]) -> Session:
    kind = project.info().project_type
    if kind != "host_driven":
        raise SessionError(
            f"the project in {project.folder} is {kind}: its firmware answers no session",
            hint="a project created with --project-option project_type=host_driven",
        )
    return project.open_session(module, options)


def _counts_instructions(project: GeneratedProject, options: Mapping[str, str]) -> bool:
    """Whether the device is QEMU with a clock that instructions drive."""
    from microtvm_project.options import OPEN, convert_options

    from microtvm.project import list_options

    counted = convert_options(list_options(), OPEN, options).flag("qemu_icount")
    return counted and board_of(project).qemu is not None


def _inputs(session: Session, arguments: argparse.Namespace) -> list[Tensor]:
    from microtvm.cli.tensors import filled_inputs, read_inputs

    tensors = _tensors(session, session.model.inputs)
    if arguments.inputs is not None:
        return read_inputs(arguments.inputs, tensors)
    return filled_inputs(tensors, arguments.fill_mode)


def _tensors(session: Session, indices: tuple[int, ...]) -> list[TensorInfo]:
    return [session.model.tensors[index] for index in indices]


def _reference(
    arguments: argparse.Namespace, inputs: list[Tensor], console: Console
) -> dict[int, Tensor] | None:
    """What LiteRT makes of the same inputs, before any device is asked."""
    if arguments.validate is None:
        return None
    from microtvm.validate import run_isolated

    model = read_file(arguments.validate, "the model")
    with console.step(f"run {arguments.validate.name} with LiteRT's reference kernels"):
        return run_isolated(model, [inputs])[0]


def _measure(session: Session, arguments: argparse.Namespace, console: Console) -> None:
    """Runs the model and shows what was asked for."""
    from microtvm.cli import run_report
    from microtvm.cli.tensors import top_table, write_outputs

    runs = arguments.number * arguments.repeat
    with console.step("run the model" if runs == 1 else f"run the model {runs} times"):
        seconds = [
            sum(session.run() for _ in range(arguments.number)) / arguments.number
            for _ in range(arguments.repeat)
        ]
    tensors = _tensors(session, session.model.outputs)
    arrays = [session.get_output(index) for index in range(len(tensors))]
    for tensor, array in zip(tensors, arrays, strict=True):
        if arguments.print_top:
            console.print(top_table(tensor, array, arguments.print_top))
    if arguments.print_time:
        console.print(run_report.times_table(seconds))
    if arguments.outputs is not None:
        write_outputs(arguments.outputs, tensors, arrays)
        console.note(f"wrote {arguments.outputs}")


def _profile(session: Session, counts_instructions: bool, console: Console) -> None:
    from microtvm.cli import run_report

    profile = session.profile()
    console.print(run_report.profile_table(profile))
    device, stack = session.device_info(), session.stack_high_water()
    console.print(run_report.device_lines(device, stack, session.pools()))
    if counts_instructions:
        console.print(run_report.instructions_line(profile))


def _validate(session: Session, reference: dict[int, Tensor], console: Console) -> None:
    from microtvm.cli import run_report

    with console.step("compare layer by layer"):
        rows = session.validate(reference)
    console.print(run_report.comparison_table(rows))
    different, sentence = run_report.comparison_verdict(rows)
    console.print(sentence)
    if different:
        raise ValidationError(
            f"{different} layer outputs differ from the reference",
            expected="bit for bit the same",
            hint="--validate with the .tflite file that the project was made from",
        )

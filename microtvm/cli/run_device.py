# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""One board's part of `tvmc run`: what can be refused before any board is asked, then the run."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm.cli import run_report
from microtvm.cli.project_board import board_of
from microtvm.cli.tensors import filled_inputs, read_inputs, top_table, write_outputs
from microtvm.errors import SessionError, ValidationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from microtvm.cli.console import Console
    from microtvm.cli.tensors import Tensor
    from microtvm.project import GeneratedProject
    from microtvm.session import Session, TensorInfo


@dataclass(frozen=True)
class DeviceRun:
    """All that a run needs, checked.

    Attributes:
        title: what is connected to, for the person watching.
        outputs: where the outputs are written, None for nowhere.
        reference: LiteRT's tensors for the same inputs, None where nothing is compared.
        counts_instructions: whether the device is QEMU with a clock that instructions drive.
    """

    title: str
    session: Session
    inputs: Sequence[Tensor]
    outputs: Path | None
    reference: Mapping[int, Tensor] | None
    counts_instructions: bool


def open_session(
    project: GeneratedProject, module: str | None, options: Mapping[str, str]
) -> Session:
    """A session that is not entered yet.

    Raises:
        SessionError: the project's firmware answers none.
    """
    kind = project.info().project_type
    if kind != "host_driven":
        raise SessionError(
            f"the project in {project.folder} is {kind}: its firmware answers no session",
            hint="a project created with --project-option project_type=host_driven",
        )
    return project.open_session(module, options)


def counts_instructions(project: GeneratedProject, options: Mapping[str, str]) -> bool:
    """Whether the device is our own QEMU, with a clock that instructions drive."""
    from microtvm_project.options import OPEN, convert_options

    from microtvm.project import list_options

    values = convert_options(list_options(), OPEN, options)
    elsewhere = values.text("place") or values.text("port")
    return values.flag("qemu_icount") and not elsewhere and board_of(project).qemu is not None


def inputs_for(session: Session, arguments: argparse.Namespace) -> list[Tensor]:
    """The model's inputs, from the file given or filled."""
    tensors = _tensors(session, session.model.inputs)
    if arguments.inputs is not None:
        return read_inputs(arguments.inputs, tensors)
    return filled_inputs(tensors, arguments.fill_mode)


def execute(run: DeviceRun, arguments: argparse.Namespace, console: Console) -> None:
    """Connects, runs the model and shows what was asked for.

    Raises:
        ValidationError: a layer's output is not the reference's.
    """
    session = run.session
    with ExitStack() as stack:
        with console.step(f"connect to the device of {run.title}"):
            stack.enter_context(session)
        for index, array in enumerate(run.inputs):
            session.set_input(index, array)
        _measure(run, arguments, console)
        if arguments.profile:
            _profile(session, run.counts_instructions, console)
        if run.reference is not None:
            _validate(session, run.reference, console)


def _tensors(session: Session, indices: tuple[int, ...]) -> list[TensorInfo]:
    return [session.model.tensors[index] for index in indices]


def _measure(run: DeviceRun, arguments: argparse.Namespace, console: Console) -> None:
    """Runs the model and shows its outputs and times."""
    session = run.session
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
    if run.outputs is not None:
        write_outputs(run.outputs, tensors, arrays)
        console.note(f"wrote {run.outputs}")


def _profile(session: Session, counted: bool, console: Console) -> None:
    profile = session.profile()
    console.print(run_report.profile_table(profile))
    device, stack = session.device_info(), session.stack_high_water()
    console.print(run_report.device_lines(device, stack, session.pools()))
    if counted:
        console.print(run_report.instructions_line(profile))


def _validate(session: Session, reference: Mapping[int, Tensor], console: Console) -> None:
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

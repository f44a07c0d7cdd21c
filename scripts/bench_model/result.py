# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What is reported of a model on a board, as values and as JSON. None stands for what is not known:
a board does not count instructions, and there may be nothing to compare a layer with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from bench_model.peers import compare


@dataclass(frozen=True)
class LayerResult:
    """One layer.

    Attributes:
        instructions: counted.
        cycles: without the waiting for memory, the low end of the estimate; a board's cycles have
            all waiting in them.
        cycles_high: the high end, the same figure where there is no range.
        stall_cycles: estimated, that a flash makes the core wait on top of that.
        stack_bytes: from the top of the stack to the lowest byte that was written.
    """

    index: int
    name: str
    operator: str
    schedule: str
    instructions: int | None
    cycles: int
    cycles_high: int
    stall_cycles: int | None
    macs: int
    scratch_bytes: int
    stack_bytes: int | None
    constant_bytes: int
    bit_exact: bool | None


@dataclass(frozen=True)
class Memory:
    """Bytes that a model needs.

    Attributes:
        workspace_bytes: for tensors, scratch_bytes of it for the layer that needs most scratch.
        code_bytes: of the model's own functions and kernels.
    """

    workspace_bytes: int
    scratch_bytes: int
    stack_bytes: int
    code_bytes: int
    constant_bytes: int


@dataclass(frozen=True)
class Result:
    """One model on one board.

    Attributes:
        options: the flags that it was compiled with, where they are not the defaults.
        measured: the cycles are a board's and no estimate.
        ratios: for each peer and figure, ours through theirs.
    """

    model: str
    options: str
    board: str
    core: str
    measured: bool
    instructions: int | None
    cycles: int
    cycles_high: int
    stall_cycles: int | None
    macs: int
    workspace_bytes: int
    scratch_bytes: int
    stack_bytes: int
    code_bytes: int
    constant_bytes: int
    bit_exact: bool | None
    layers: tuple[LayerResult, ...]
    ratios: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Subject:
    """What is measured, and on what."""

    model: str
    options: str
    board: str
    core: str
    measured: bool


def total(subject: Subject, layers: tuple[LayerResult, ...], memory: Memory) -> Result:
    """The result of a model, from those of its layers."""
    cycles = sum(layer.cycles for layer in layers)
    instructions = _sum([layer.instructions for layer in layers])
    stall_cycles = _sum([layer.stall_cycles for layer in layers])
    ours = {**asdict(memory), "cycles": cycles}
    for name, figure in (("instructions", instructions), ("stall_cycles", stall_cycles)):
        if figure is not None:
            ours[name] = figure
    return Result(
        **asdict(subject),
        instructions=instructions,
        cycles=cycles,
        cycles_high=sum(layer.cycles_high for layer in layers),
        stall_cycles=stall_cycles,
        macs=sum(layer.macs for layer in layers),
        **asdict(memory),
        bit_exact=_all([layer.bit_exact for layer in layers]),
        layers=layers,
        ratios=compare(subject.model, subject.core, ours),
    )


def to_json(results: Sequence[Result]) -> str:
    """A list of objects with the fields of Result as keys."""
    return json.dumps([asdict(result) for result in results], indent=1) + "\n"


def _sum(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None


def _all(answers: Sequence[bool | None]) -> bool | None:
    """Whether all that were compared are equal; None if none was compared."""
    known = [answer for answer in answers if answer is not None]
    return all(known) if known else None

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What layers take on a core that QEMU plays."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench_model.emulated import CountedRun
from bench_model.firmware import options_for, place
from bench_model.flash import FlashModel
from microtvm_project.boards import Board

from cost_fitting.layer import Wanted, network_of
from microtvm.compiler import CompileOptions, compile_network
from microtvm.compiler.choice import Candidate, Choice
from microtvm.compiler.cost_model import Cost
from microtvm.compiler.operators import Operator, Tensor

# MICROTVM_MAX_INPUTS of the firmware.
_MOST_INPUTS = 32


def measure(wanted: Sequence[Wanted], board: Board) -> list[int]:
    """The estimated cycles of each layer by its schedule: the low end, where there is a range."""
    choices = iter(wanted)

    def choose(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> Choice:
        entry = next(choices)
        return Choice(Candidate(entry.schedule, entry.blocks, Cost(0, 0.0)), (), {})

    options = options_for(board, CompileOptions(simplify=False))
    network = network_of([entry.layer for entry in wanted])
    compiled = compile_network(network, options, choose=choose)
    with tempfile.TemporaryDirectory(prefix="microtvm-costs-") as name:
        run = CountedRun(place(compiled, board, Path(name)), FlashModel())
        layers = compiled.program.layers[: len(wanted)]
        return [run.layer(layer, None).cycles for layer in layers]


def measure_in_parts(wanted: Sequence[Wanted], board: Board) -> Iterator[tuple[Wanted, int]]:
    """The same, in as many programs as it takes."""
    part: list[Wanted] = []
    for entry in wanted:
        if sum(_inputs(other) for other in (*part, entry)) > _MOST_INPUTS:
            yield from zip(part, measure(part, board), strict=True)
            part = []
        part.append(entry)
    yield from zip(part, measure(part, board), strict=True)


def _inputs(wanted: Wanted) -> int:
    return len(network_of([wanted.layer]).inputs)

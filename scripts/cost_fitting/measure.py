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


def measure_in_parts(
    wanted: Sequence[Wanted], board: Board, part_size: int
) -> Iterator[tuple[Wanted, int]]:
    """The same, so many layers a program: their constants must fit its flash."""
    for start in range(0, len(wanted), part_size):
        part = wanted[start : start + part_size]
        yield from zip(part, measure(part, board), strict=True)

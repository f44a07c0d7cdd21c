# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A model on a board that QEMU plays: compiled, built, counted, estimated and compared."""

from __future__ import annotations

import tempfile
from pathlib import Path

from microtvm_project.boards import Board

from bench_model.arguments import describe_options
from bench_model.counts import Counts, Interval
from bench_model.errors import BenchError
from bench_model.estimate import Estimator, timings_of
from bench_model.exactness import exact_layers
from bench_model.firmware import MODULE, Workplace, prepare, read_model
from bench_model.flash import FlashModel
from bench_model.image import read_image
from bench_model.plugin import run_counted, watch_inference
from bench_model.result import LayerResult, Memory, Result, Subject, total
from microtvm.compiler import CompileOptions
from microtvm.compiler.program import Layer


def measure_model(path: Path, board: Board, options: CompileOptions) -> Result:
    """Measures a .tflite file.

    Raises:
        MicroTVMError: it cannot be read, compiled, built or run.
    """
    model = read_model(path)
    with tempfile.TemporaryDirectory(prefix="microtvm-bench-") as name:
        place = prepare(model, board, options, Path(name))
        run = CountedRun(place, FlashModel())
        with place.session() as session:
            exact = exact_layers(model, session)
        layers = tuple(
            run.layer(layer, exact[layer.index]) for layer in place.compiled.program.layers
        )
        flags = describe_options(options)
        subject = Subject(path.stem, flags, board.name, board.cpu, measured=False)
        return total(subject, layers, run.memory())


class CountedRun:
    """An inference under QEMU with the counting plugin: layer n runs in interval 2n - 1."""

    def __init__(self, place: Workplace, flash: FlashModel) -> None:
        machine = _machine(place.board)
        self._place = place
        self._flash = flash
        elf = place.build("standalone")
        self._image = read_image(elf)
        flash_region = place.board.regions("flash")[0]
        self._watch = watch_inference(self._image, flash_region.address, flash_region.size)
        self.counts: Counts = run_counted(elf, machine, self._watch, flash, place.folder)
        self._estimators = [
            Estimator(self.counts, self._image, timing) for timing in timings_of(place.board.cpu)
        ]
        expected = 2 * len(place.compiled.program.layers)
        if len(self.counts.intervals) - 1 != expected:
            raise BenchError(
                f"The program read its clock {len(self.counts.intervals) - 1} times",
                expected=f"{expected} times: before and after each layer",
            )

    def interval(self, layer: int) -> Interval:
        """What ran in a layer, counted from 1, with one reading of the clock."""
        return self.counts.intervals[2 * layer - 1]

    def layer(self, layer: Layer, exact: bool | None) -> LayerResult:
        """What is reported of a layer."""
        interval = self.interval(layer.index)
        cycles = [estimator.cycles(interval) for estimator in self._estimators]
        return LayerResult(
            index=layer.index,
            name=layer.name,
            operator=layer.operator,
            schedule=layer.schedule,
            instructions=self.counts.instructions(interval),
            cycles=cycles[0],
            cycles_high=cycles[-1],
            stall_cycles=self._flash.stall_cycles(interval),
            macs=layer.macs,
            scratch_bytes=layer.scratch_bytes,
            stack_bytes=self._stack_bytes(interval),
            constant_bytes=layer.constant_bytes,
            bit_exact=exact,
        )

    def memory(self) -> Memory:
        """What the model needs of each memory."""
        program = self._place.compiled.program
        intervals = [self.interval(layer.index) for layer in program.layers]
        return Memory(
            workspace_bytes=program.workspace_bytes,
            scratch_bytes=max((layer.scratch_bytes for layer in program.layers), default=0),
            stack_bytes=max((self._stack_bytes(interval) for interval in intervals), default=0),
            code_bytes=self._image.code_bytes(MODULE),
            constant_bytes=program.constant_bytes,
        )

    def _stack_bytes(self, interval: Interval) -> int:
        return self._watch.stack_end - interval.stack_low


def _machine(board: Board) -> str:
    if board.qemu is None or "baremetal" not in board.platforms:
        raise BenchError(
            f"QEMU does not play board {board.name!r}",
            expected="a board with QEMU and a bare-metal port",
            hint="for a board that is attached: --project DIR",
        )
    return board.qemu.machine

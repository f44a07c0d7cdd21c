# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/bench: a model that cannot be measured is told, and the others are measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from microtvm_project.boards import Board

from bench_model.arguments import Arguments, parse_arguments
from bench_model.attached import measure_project
from bench_model.emulated import measure_model
from bench_model.errors import BenchError
from bench_model.firmware import read_model
from bench_model.result import Result, to_json
from bench_model.table import BOARD_NOTE, NOTE, layer_table, ratio_table, summary_table
from microtvm.compiler import CompileOptions
from microtvm.errors import MicroTVMError

_Task = tuple[str, Callable[[], Iterable[Result]]]


def main(words: Sequence[str]) -> int:
    """Returns the exit code: 0 if every model could be measured."""
    try:
        arguments = parse_arguments(words)
        results, failures = _measure(_tasks(arguments), arguments.layers)
        if arguments.json_file is not None:
            _write(arguments.json_file, to_json(results))
    except MicroTVMError as error:
        _complain(str(error))
        return 1
    if results:
        note = NOTE if arguments.project is None else BOARD_NOTE
        parts = (summary_table(results), ratio_table(results), note)
        print("\n\n".join(part for part in parts if part))
    return 1 if failures else 0


def _tasks(arguments: Arguments) -> list[_Task]:
    folder = arguments.project
    if folder is not None:
        model = read_model(arguments.models[0]) if arguments.models else None
        return [(str(folder), partial(measure_project, folder, model))]
    return [
        (f"{path.name} on {board.name}", partial(_measure_one, path, board, arguments.options))
        for path in arguments.models
        for board in arguments.boards
    ]


def _measure_one(path: Path, board: Board, options: CompileOptions) -> list[Result]:
    return [measure_model(path, board, options)]


def _measure(tasks: Sequence[_Task], layers: bool) -> tuple[list[Result], int]:
    """The results, and how many tasks failed."""
    results: list[Result] = []
    failures = 0
    for name, task in tasks:
        _complain(name)
        try:
            for result in task():
                results.append(result)
                if layers:
                    print(layer_table(result) + "\n", flush=True)
        except MicroTVMError as error:
            _complain(f"{name}: {error}")
            failures += 1
    return results, failures


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BenchError(f"Cannot write {path}: {error.strerror}") from error


def _complain(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts/fit_costs."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from microtvm_project.boards import Board, find_board

from cost_fitting.costs_text import costs_text
from cost_fitting.fit import fit
from cost_fitting.layer import Wanted, network_of
from cost_fitting.measure import measure_in_parts
from cost_fitting.samples import draw_samples
from microtvm.compiler.cost_model import COSTS_FILE, ScheduleCosts, costs_of
from microtvm.compiler.schedule import RULES
from microtvm.resources import boards_dir
from microtvm.target import Target

_BOARDS = ("mps2_an386", "mps2_an500")


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/fit_costs")
    parser.add_argument("--output", type=Path, default=COSTS_FILE, metavar="FILE")
    parser.add_argument(
        "--schedules", metavar="NAME,...", help="find only these, keep the others as they are"
    )
    given = parser.parse_args(words)
    output: Path = given.output
    names = {rule.name for rule in RULES}
    wanted = set(given.schedules.split(",")) if given.schedules else names
    if not wanted <= names:
        parser.error(f"no schedules {', '.join(sorted(wanted - names))}")
    boards = [find_board(boards_dir(), name) for name in _BOARDS]
    kept = {} if wanted == names else {board.cpu: costs_of(board.cpu) for board in boards}
    costs = {board.cpu: {**kept.get(board.cpu, {}), **_costs_on(board, wanted)} for board in boards}
    output.write_text(costs_text(costs), encoding="utf-8")
    for core, schedules in costs.items():
        for name, entry in schedules.items():
            print(f"{core} {name}: error {entry.median_error:.1%}, at most {entry.worst_error:.1%}")
    return 0


def _costs_on(board: Board, schedules: Set[str]) -> Mapping[str, ScheduleCosts]:
    samples = [one for one in draw_samples(Target(board.cpu)) if one.schedule in schedules]
    print(f"fit_costs: {len(samples)} layers on {board.name}", file=sys.stderr, flush=True)
    measured: dict[str, list[tuple[Mapping[str, int], int]]] = defaultdict(list)
    for wanted, cycles in measure_in_parts(samples, board):
        measured[wanted.schedule].append((_work(wanted), cycles))
    return {
        schedule: fit([work for work, _ in rows], [cycles for _, cycles in rows])
        for schedule, rows in measured.items()
    }


def _work(wanted: Wanted) -> Mapping[str, int]:
    network = network_of([wanted.layer])
    rule = next(rule for rule in RULES if rule.name == wanted.schedule)
    return rule.work(network.operators[0], network.tensors, wanted.blocks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

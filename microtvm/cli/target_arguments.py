# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""--target, --target-c-mcpu and --board: several ways of writing down one core."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from microtvm.cli.accepted_flags import FLAGS
from microtvm.cli.command import UsageError
from microtvm.target import CORES, Target

if TYPE_CHECKING:
    from microtvm_project.boards import Board

_KIND = "c"
# Legacy's target strings carry the chip's name, which chose nothing but tuning logs.
_INFORMATIVE = frozenset({"model"})
_ACCEPTED = {
    flag.flags[0].removeprefix("--target-c-"): flag.values
    for flag in FLAGS
    if flag.flags[0].startswith("--target-c-")
}


def add_target_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--target",
        default=_KIND,
        metavar="TARGET",
        help="c (the default), a core's name, or both in one as in 'c -mcpu=cortex-m7'",
    )
    parser.add_argument(
        "--target-c-mcpu",
        metavar="CORE",
        help=f"the core: {', '.join(CORES)}; with '+nodsp' to leave its DSP instructions alone",
    )
    parser.add_argument("--target-c-model", metavar="NAME", help="the chip's name; chooses nothing")
    parser.add_argument(
        "--board",
        metavar="NAME",
        help="a board of boards/: names the core, and the memories that the model must fit",
    )


def named_board(name: str | None) -> Board | None:
    """The board that `--board NAME` names, None without one.

    Raises:
        BoardError: there is no such board.
    """
    if name is None:
        return None
    from microtvm_project.boards import find_board

    from microtvm.resources import boards_dir

    return find_board(boards_dir(), name)


def parse_target(text: str, mcpu: str | None, board: Board | None = None) -> Target:
    """The target that `--target TEXT`, `--target-c-mcpu MCPU` and the board name together.

    Raises:
        UsageError: they name no core, or two, or something else that cannot be honoured.
        TargetError: there is no such core.
    """
    named = _written_core(text, mcpu)
    if board is not None:
        return _target_for(board, named)
    if not named:
        raise UsageError(
            "no core is named",
            expected=f"--target-c-mcpu with one of {', '.join(CORES)}, or --board",
            hint="--target c --target-c-mcpu cortex-m4",
        )
    return Target(named)


def _target_for(board: Board, named: str | None) -> Target:
    """The board's core; a named one must be the same, and no richer in instructions."""
    own = Target(board.cpu)
    if not named:
        return own
    target = Target(named)
    if target.core != own.core or target.has_dsp > own.has_dsp:
        raise UsageError(
            f"the core named is {target.mcpu}, and board {board.name} has a {own.mcpu}",
            expected=own.mcpu,
            hint="leave --target-c-mcpu out, which --board says as well",
        )
    return target


def _written_core(text: str, mcpu: str | None) -> str | None:
    """The core that the two flags name, None where they name none."""
    named = _named_core(text)
    if mcpu and named and mcpu != named:
        raise UsageError(
            f"--target names the core {named} and --target-c-mcpu {mcpu}",
            hint="leave one of the two out",
        )
    return mcpu or named


def _named_core(text: str) -> str | None:
    """The core in `--target`, if there is one."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--target '{text}' cannot be read: {error}") from error
    kind, attributes = (words[0], words[1:]) if words else ("", [])
    if kind.partition("+")[0] in CORES and not attributes:
        return kind
    if kind != _KIND:
        raise UsageError(
            f"--target '{text}' cannot be honoured",
            expected="c, or a core's name",
            hint="--target c --target-c-mcpu cortex-m4",
        )
    return _core_attribute(attributes)


def _core_attribute(attributes: list[str]) -> str | None:
    core = None
    for attribute in attributes:
        name, _, value = attribute.lstrip("-").partition("=")
        if name == "mcpu":
            core = value
        elif name not in _INFORMATIVE and value not in _ACCEPTED.get(name, ()):
            raise UsageError(
                f"'{attribute}' in --target cannot be honoured",
                expected="-mcpu=CORE",
                hint="--target 'c -mcpu=cortex-m4'",
            )
    return core

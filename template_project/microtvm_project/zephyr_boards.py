# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards that only Zephyr knows: the tree's own list says whether there is one.

What else is known of them, Zephyr's build finds out (`built_board.py`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microtvm_project.errors import BoardError, UnknownBoardError
from microtvm_project.process import Command, output_of
from microtvm_project.suggest import nearest
from microtvm_project.toolchain import find_program

if TYPE_CHECKING:
    from microtvm_project.zephyr import ZephyrTree

ARCHITECTURE = "arm"

# A name, its revision, its qualifiers.
_NAME = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]*)(@[A-Za-z0-9_.-]+)?((?:/[A-Za-z0-9_-]+)*)")
_GROUP = re.compile(r"([A-Za-z0-9_-]+):")
_ARCHITECTURE = re.compile(r"^arch:\s*([a-z0-9_]+)\s*$", re.MULTILINE)
_FORMAT = "{NAME}|{DIR}|{QUALIFIERS}"


@dataclass(frozen=True)
class ZephyrBoard:
    """A board as Zephyr lists it.

    Attributes:
        name: with the qualifiers that it must be asked for by, if it has some.
        architecture: "" where it is not told.
    """

    name: str
    architecture: str


def find_zephyr_board(tree: ZephyrTree, name: str, ours: tuple[str, ...]) -> ZephyrBoard:
    """The board that the tree knows by this name; a revision may follow the name, as name@1.0.

    Args:
        ours: names of boards that are known without the tree, for suggestions.

    Raises:
        UnknownBoardError: there is none.
        BoardError: it is no Arm board.
        BuildError: the tree's list cannot be had.
    """
    match = _NAME.fullmatch(name)
    known = list_zephyr_boards(tree)
    wanted = f"{match[1]}{match[3]}" if match else ""
    fitting = [board for board in known if board.name == wanted] or _single(known, wanted)
    if not fitting:
        raise UnknownBoardError(
            f"Board {name!r} is not known, nor has Zephyr {tree.version} in {tree.base} one",
            expected=f"a board of Zephyr's, or one of {', '.join(ours)}",
            hint=nearest(name, [*ours, *(board.name for board in known)]) or "west boards",
        )
    board = fitting[0]
    if board.architecture not in ("", ARCHITECTURE):
        raise BoardError(
            f"Zephyr's board {name!r} has the architecture {board.architecture}",
            expected="an Arm Cortex-M",
        )
    return board


def list_zephyr_boards(tree: ZephyrTree) -> tuple[ZephyrBoard, ...]:
    """All boards of a tree and of BOARD_ROOT, in its own order.

    Raises:
        BuildError: the tree's script failed, as where its Python packages are not installed.
    """
    output = output_of(list_command(tree))
    qualified = tree.version.has_qualified_boards
    return parse_qualified(output) if qualified else parse_grouped(output)


def list_command(tree: ZephyrTree) -> Command:
    """The script of Zephyr's build and of `west boards`, which needs no west."""
    roots = [str(tree.base), *filter(None, re.split("[;:]", os.environ.get("BOARD_ROOT", "")))]
    script = str(tree.base / "scripts" / "list_boards.py")
    arguments = [find_program("python3"), script, f"--arch-root={tree.base}"]
    arguments += [f"--board-root={root}" for root in roots]
    if tree.version.has_qualified_boards:
        arguments += [f"--soc-root={root}" for root in roots]
        arguments.append(f"--cmakeformat={_FORMAT}")
    return Command(tuple(arguments), tree.base)


def parse_grouped(output: str) -> tuple[ZephyrBoard, ...]:
    """The list of Zephyr up to 3.6: a line for each architecture, and below it its boards."""
    boards = []
    architecture = ""
    for line in output.splitlines():
        group = _GROUP.fullmatch(line)
        if group:
            architecture = group[1]
        elif line.startswith("  "):
            boards.append(ZephyrBoard(line.strip(), architecture))
    return tuple(boards)


def parse_qualified(output: str) -> tuple[ZephyrBoard, ...]:
    """The list of Zephyr from 3.7 on: board, folders and qualifiers, in the format asked for."""
    boards = []
    for line in output.splitlines():
        parts = [part.split(";")[1:] for part in line.split("|")]
        if len(parts) != 3 or not parts[0] or not parts[1]:
            continue
        (name, *_), (folder, *_), qualifiers = parts
        for qualifier in [each for each in qualifiers if each] or [""]:
            full = f"{name}/{qualifier}" if qualifier else name
            boards.append(ZephyrBoard(full, _architecture(Path(folder), name, full)))
    return tuple(boards)


def _architecture(folder: Path, name: str, full: str) -> str:
    """What the file for Zephyr's test runner says, where there is one."""
    for stem in (full.replace("/", "_"), name):
        try:
            text = (folder / f"{stem}.yaml").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found = _ARCHITECTURE.search(text)
        if found:
            return found[1]
    return ""


def _single(known: tuple[ZephyrBoard, ...], wanted: str) -> list[ZephyrBoard]:
    """The board of one SoC, which may be asked for without its qualifier."""
    inside = [board for board in known if wanted and board.name.startswith(f"{wanted}/")]
    plain = [board for board in inside if board.name.count("/") == 1]
    socs = {board.name.split("/")[1] for board in inside}
    return plain if len(socs) == 1 else []

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The board of a generated project, as the project's own copy of its data says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microtvm_project.boards import Board

    from microtvm.project import GeneratedProject


def board_of(project: GeneratedProject) -> Board:
    """Reads boards/<board>/board.toml in the project."""
    from microtvm_project.boards import find_board
    from microtvm_project.layout import BOARDS_FOLDER

    return find_board(project.folder / BOARDS_FOLDER, project.info().board)

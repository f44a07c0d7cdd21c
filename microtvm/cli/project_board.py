# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The board of a generated project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microtvm_project.boards import Board

    from microtvm.project import GeneratedProject


def board_of(project: GeneratedProject) -> Board:
    """Reads boards/<board>/board.toml in the project, or what Zephyr's build has found out."""
    from microtvm_project.builder import load_project
    from microtvm_project.layout import find_layout

    return load_project(find_layout(project.folder)).board

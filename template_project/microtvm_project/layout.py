# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Where the server finds the firmware and the boards: beside a template, or in its own project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path

MODEL_ARCHIVE = "model.tar"
FIRMWARE_FOLDER = "zephyr_app"
BOARDS_FOLDER = "boards"


@dataclass(frozen=True)
class Layout:
    """The folders that a server works with."""

    server: Path
    firmware: Path
    boards: Path
    is_template: bool


def find_layout(server: Path) -> Layout:
    """The layout around the folder of the server script; a model archive marks a project.

    Raises:
        ProjectError: the folder is neither a template nor a generated project.
    """
    if (server / MODEL_ARCHIVE).is_file():
        return Layout(server, server, server / BOARDS_FOLDER, is_template=False)
    root = server.parent
    layout = Layout(server, root / FIRMWARE_FOLDER, root / BOARDS_FOLDER, is_template=True)
    for folder in (layout.firmware, layout.boards):
        if not folder.is_dir():
            raise ProjectError(
                f"{server} is neither a project nor a template: there is no {folder}",
                expected=f"{MODEL_ARCHIVE} in it, or {FIRMWARE_FOLDER} and {BOARDS_FOLDER} beside",
            )
    return layout

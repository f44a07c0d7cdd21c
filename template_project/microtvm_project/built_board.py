# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A board that only Zephyr knows, as the configured build describes it.

`zephyr_app/zephyr/board_facts.cmake` writes the file in the form of a board.toml, from the
devicetree and Kconfig. QEMU's machine is in the build's command that runs it. Runners are in
Zephyr's runners.yaml; USB ids are known to nobody.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from microtvm_project.boards import Board, Qemu, read_board
from microtvm_project.errors import BoardError

if TYPE_CHECKING:
    from pathlib import Path

BOARD_FILE = "microtvm_board.toml"

_MACHINE = re.compile(r"qemu-system-arm\b[^\n]*?\s-(?:machine|M)\s+([A-Za-z0-9_.-]+)")


def load_built_board(build: Path) -> Board:
    """Reads what the build folder says of its board.

    Raises:
        BoardError: it was not configured yet, or Zephyr's board lacks what the firmware needs.
    """
    path = build / BOARD_FILE
    if not path.is_file():
        raise BoardError(
            "Only Zephyr knows this project's board, and it was not asked yet",
            expected=f"a build with {path}",
            hint="build the project first",
        )
    return replace(read_board(path, least_clock_hz=0), qemu=_qemu(build))


def _qemu(build: Path) -> Qemu | None:
    """The machine of QEMU's that `ninja run` starts, its first UART being the console."""
    try:
        text = (build / "build.ninja").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    machine = _MACHINE.search(text)
    return Qemu(machine[1], 0) if machine else None

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Builds with Zephyr and runs under QEMU, as the README tells people to do by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from microtvm_project.boards import board_called, load_board
from microtvm_project.qemu import QemuOptions, QemuTransport
from microtvm_project.zephyr import load_tree

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "zephyr_app"

_CONFIGURE_S = 300
_RUN_S = 60


def build(source: Path, folder: Path, **entries: str | Path) -> Path:
    """Configures and builds an application; returns its ELF file. `entries` are CMake's."""
    words = ["cmake", "-G", "Ninja", "-S", str(source), "-B", str(folder)]
    if "BOARD" in entries:
        entries = {**entries, "BOARD": board_name(str(entries["BOARD"]))}
    words += [f"-D{name}={value}" for name, value in entries.items()]
    for command in (words, ["ninja", "-C", str(folder)]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CONFIGURE_S)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return folder / "zephyr" / "zephyr.elf"


def board_name(name: str) -> str:
    """What the tree in ZEPHYR_BASE calls a board of ours; other names unchanged."""
    board = board_called(ROOT / "boards", name)
    tree = load_tree(Path(os.environ["ZEPHYR_BASE"]))
    return tree.board_name(board) if board else name


def settings(folder: Path) -> dict[str, str]:
    """What Kconfig decided in a build folder."""
    lines = (folder / "zephyr" / ".config").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line.startswith("CONFIG_"))
    return {name: value for name, _, value in pairs}


def run_to_end(elf: Path, machine: str) -> tuple[int, list[str]]:
    """Runs a program that ends; returns QEMU's exit code and the lines printed."""
    words = ["qemu-system-arm", "-machine", machine, "-nodefaults", "-display", "none"]
    words += ["-serial", "stdio", "-semihosting", "-icount", "shift=0", "-kernel", str(elf)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_RUN_S)
    return done.returncode, done.stdout.splitlines()


def transport(elf: Path, board: str) -> QemuTransport:
    """QEMU with a firmware for a board, not yet started."""
    program = shutil.which("qemu-system-arm")
    assert program is not None
    return QemuTransport(program, load_board(ROOT / "boards" / board), elf, QemuOptions())

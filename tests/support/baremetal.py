# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bare-metal firmware with the hand-written models, and QEMU to run it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from microtvm_project.boards import find_board
from microtvm_project.qemu import QemuOptions, QemuTransport

from microtvm.project.function_names import FunctionNames
from microtvm.session import Session, read_metadata
from support.cmake_builds import ROOT, cmake_build, find_program, once
from support.host_firmware import MODELS, model_folder, write_models

BOARDS = ("mps2_an386", "mps2_an500")

# Of the shared images: more than the slow model takes, and few seconds of QEMU.
LAYER_TIMEOUT_MS = 500


def build_baremetal(
    folder: Path, board: str, program: str, *definitions: str, models: Sequence[str] = MODELS
) -> Path:
    """Builds; returns the image."""
    if not (folder / "models").exists():
        write_models(folder / "models", models)
    settings = [
        f"-DBOARD={board}",
        f"-DMICROTVM_PROGRAM={program}",
        f"-DMICROTVM_MODELS_DIR={folder / 'models'}",
        "-DWARNINGS_AS_ERRORS=ON",
        *definitions,
    ]
    build = folder / f"{board}-{program}"
    cmake_build(ROOT / "zephyr_app" / "baremetal", build, settings)
    return build / "microtvm.elf"


def shared_image(factory: pytest.TempPathFactory, board: str, program: str) -> Path:
    """The image, which traps unaligned accesses and soon ends a layer that hangs; built once."""
    settings = ("-DMICROTVM_TRAP_UNALIGNED=ON", f"-DMICROTVM_LAYER_TIMEOUT_MS={LAYER_TIMEOUT_MS}")

    def build(folder: Path) -> None:
        build_baremetal(folder, board, program, *settings)

    name = f"{board}-{program}"
    return once(factory, name, build) / name / "microtvm.elf"


def qemu_transport(image: Path, board: str) -> QemuTransport:
    return QemuTransport(
        find_program("qemu-system-arm"),
        find_board(ROOT / "boards", board),
        image,
        QemuOptions(icount=True),
    )


def qemu_session(image: Path, board: str, model: str) -> Session:
    metadata = read_metadata(model_folder(model) / "metadata.json")
    transport = qemu_transport(image, board)
    return Session(transport, metadata, name_of=FunctionNames(image))


def run_standalone(image: Path, board: str) -> tuple[int, list[str]]:
    """Runs a program to its end; returns QEMU's exit code and the lines printed."""
    result = subprocess.run(
        [
            find_program("qemu-system-arm"),
            *("-machine", board.replace("_", "-")),
            *("-nodefaults", "-display", "none", "-serial", "stdio"),
            *("-icount", "shift=0", "-semihosting", "-kernel", str(image)),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stdout.decode("ascii").splitlines()

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to firmware for a board: compiled once, built as any of the two programs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from microtvm_project.boards import Board
from microtvm_project.process import Command, run
from microtvm_project.qemu import QemuOptions, QemuTransport
from microtvm_project.toolchain import find_program

from bench_model.errors import BenchError
from microtvm.artifact import archive_files
from microtvm.compiler import CompiledModel, CompileOptions, compile_model
from microtvm.resources import firmware_dir
from microtvm.session import Session, read_metadata
from microtvm.target import Target

MODULE = "model"
_PROGRAMS = ("arm-none-eabi-gcc", "cmake", "ninja")


@dataclass(frozen=True, eq=False)
class Workplace:
    """A model compiled for a board, its files in a folder of its own."""

    folder: Path
    board: Board
    compiled: CompiledModel

    def build(self, program: str) -> Path:
        """Builds `standalone` or `host_driven`; returns the ELF file."""
        folder = self.folder / program
        for command in build_commands(self.board.name, program, self.folder / "models", folder):
            run(command, error=BenchError)
        return folder / "microtvm.elf"

    def session(self) -> Session:
        """A session with the model, on a QEMU that counts no time."""
        metadata = read_metadata(self.folder / "models" / MODULE / "metadata.json")
        program = find_program("qemu-system-arm", BenchError)
        options = QemuOptions(icount=False)
        elf = self.build("host_driven")
        return Session(QemuTransport(program, self.board, elf, options), metadata)


def read_model(path: Path) -> bytes:
    """The bytes of a .tflite file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BenchError(f"Cannot read {path}: {error.strerror}") from error


def prepare(model: bytes, board: Board, options: CompileOptions, folder: Path) -> Workplace:
    """Compiles a model for the core of a board and writes its C files to a folder.

    Args:
        options: of the compilation, but for the target and the name of the module.

    Raises:
        MicroTVMError: the model is damaged, or has operators without exact code.
    """
    return place(compile_model(model, options_for(board, options)), board, folder)


def options_for(board: Board, options: CompileOptions) -> CompileOptions:
    """The options with the core of a board and the name that its module has here."""
    return replace(options, target=Target(board.cpu), module_name=MODULE)


def place(compiled: CompiledModel, board: Board, folder: Path) -> Workplace:
    """Writes the C files of a model compiled with `options_for` to a folder."""
    for name, content in archive_files(compiled).items():
        path = folder / "models" / MODULE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Workplace(folder, board, compiled)


def build_commands(board: str, program: str, models: Path, build: Path) -> tuple[Command, Command]:
    """How the bare-metal firmware is configured and built in the folder `build`."""
    programs = {name: find_program(name, BenchError) for name in _PROGRAMS}
    source = firmware_dir() / "baremetal"
    configure = (
        *(programs["cmake"], "-G", "Ninja", "-S", str(source), "-B", str(build)),
        f"-DCMAKE_MAKE_PROGRAM={programs['ninja']}",
        f"-DBOARD={board}",
        f"-DMICROTVM_PROGRAM={program}",
        f"-DMICROTVM_MODELS_DIR={models}",
    )
    return (
        Command(configure, models.parent),
        Command((programs["cmake"], "--build", str(build)), models.parent),
    )

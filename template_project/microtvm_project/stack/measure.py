# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Computes the report of a build: what of the main stack each platform's program can take."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from microtvm_project.elf import Image, read_image, read_object
from microtvm_project.errors import BuildError
from microtvm_project.stack.graph import Bound, CallGraph
from microtvm_project.stack.instructions import disassemble
from microtvm_project.stack.pointers import Pointers
from microtvm_project.stack.report import StackReport
from microtvm_project.stack.usage import read_usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# The function that runs first on the main stack.
_ROOTS = {"baremetal": "main", "zephyr": "z_thread_entry"}

# What an exception stores on the stack of the code that it interrupts: 8 words, with an FPU 26,
# and a word where that aligns it (ARMv7-M Architecture Reference Manual, B1.5.7). Handlers have
# another stack on both platforms, and what interrupts them stores there too.
_FRAME_WORDS = 8
_FRAME_WORDS_WITH_FPU = 26
_ALIGNING_WORDS = 1
_WORD = 4

_OBJDUMP = re.compile(r"^CMAKE_OBJDUMP:\w+=(.+)$", re.MULTILINE)
_SETTING = re.compile(r"^(CONFIG_\w+)=(\w+)$", re.MULTILINE)

# Zephyr's guard below the stack of a thread that has not used the FPU. A larger one, for a thread
# that has, lies within the stack.
_SMALL_GUARD_BYTES = 32
_ZEPHYR_STACK = "z_main_stack"


def measure_stack(
    image: Path, build: Path, platform: str, fpu: str, modules: Sequence[str]
) -> StackReport:
    """The report of a finished build.

    Args:
        image: the linked ELF file.
        build: the folder with the objects and the compiler's .su files.
        platform: "baremetal" or "zephyr".
        fpu: the board's, "none" if it has none.
        modules: the models' names.

    Raises:
        BuildError: a file of the build cannot be read, or the disassembler failed.
    """
    linked = read_image(image)
    graph = call_graph(image, build)
    words = (_FRAME_WORDS if fpu == "none" else _FRAME_WORDS_WITH_FPU) + _ALIGNING_WORDS
    settings = _settings(build) if platform == "zephyr" else {}
    return StackReport(
        program=_bound_of(graph, linked, _ROOTS[platform]),
        interrupt_bytes=words * _WORD,
        guard_bytes=_guard_bytes(linked, settings),
        configured=_configured(linked, settings),
        models={name: _inference(graph, linked, name) for name in modules},
    )


def call_graph(image: Path, build: Path) -> CallGraph:
    """The functions of a finished build, with the same errors."""
    linked = read_image(image)
    objects = [read_object(path) for path in _object_files(build)]
    code = disassemble(_objdump(build), image)
    return CallGraph(linked, code, read_usage(build), Pointers(linked, objects))


def _object_files(build: Path) -> list[Path]:
    """The program's object files, without those of CMake's programs that try the compiler."""
    found = sorted((*build.rglob("*.o"), *build.rglob("*.obj")))
    return [path for path in found if not path.parent.name.startswith("CompilerId")]


def _objdump(build: Path) -> str:
    """The disassembler that belongs to the build's compiler, as CMake found it."""
    cache = build / "CMakeCache.txt"
    match = _OBJDUMP.search(_text(cache))
    if not match or match[1].endswith("-NOTFOUND"):
        raise BuildError(f"{cache} names no disassembler", expected="CMAKE_OBJDUMP")
    return match[1]


def _settings(build: Path) -> Mapping[str, str]:
    """What Kconfig decided."""
    return dict(_SETTING.findall(_text(build / "zephyr" / ".config")))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        hint = "build the project again"
        raise BuildError(f"Cannot read {path}: {error.strerror}", hint=hint) from error


def _guard_bytes(image: Image, settings: Mapping[str, str]) -> int:
    """What a thread that uses the FPU loses of its stack: later Zephyrs give it that besides."""
    if "CONFIG_MPU_STACK_GUARD" not in settings:
        return 0
    large = int(settings.get("CONFIG_MPU_STACK_GUARD_MIN_SIZE_FLOAT", 0))
    sizes = [symbol.size for symbol in image.symbols if symbol.name == _ZEPHYR_STACK]
    besides = max(sizes, default=0) - int(settings["CONFIG_MAIN_STACK_SIZE"])
    return 0 if besides >= large else large - _SMALL_GUARD_BYTES


def _configured(image: Image, settings: Mapping[str, str]) -> int:
    """Bytes of the main stack: Zephyr's setting, or what lies between the linker's two symbols."""
    if settings:
        return int(settings["CONFIG_MAIN_STACK_SIZE"])
    places = {symbol.name: symbol.address for symbol in image.symbols}
    start, end = places.get("__main_stack_start"), places.get("__main_stack_end")
    if start is None or end is None:
        raise BuildError("The image does not say where its main stack is", expected="link.ld's")
    return end - start


def _bound_of(graph: CallGraph, image: Image, name: str) -> Bound:
    addresses = [symbol.address for symbol in image.functions() if symbol.name == name]
    if len(addresses) != 1:
        return Bound(None, (), f"the image has {len(addresses)} functions named {name}")
    return graph.bound(addresses[0])


def _inference(graph: CallGraph, image: Image, module: str) -> Bound:
    """The bound of the functions that a model's descriptor points to: one, which runs a layer."""
    name = f"tvmgen_{module}_model"
    functions = {symbol.address | 1: symbol.address for symbol in image.functions()}
    bounds = [
        graph.bound(functions[word])
        for symbol in image.symbols
        if symbol.name == name
        for (word,) in struct.iter_unpack("<I", _whole_words(image, symbol.address, symbol.size))
        if word in functions
    ]
    unknown = Bound(None, (), f"the image has no {name} with a function")
    return max(bounds, key=lambda bound: (bound.size is None, bound.size or 0), default=unknown)


def _whole_words(image: Image, address: int, size: int) -> bytes:
    return image.bytes_at(address, size & ~3)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bound on the stack of the kernels in a test program, computed as builds compute theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from microtvm_project.elf import read_image, read_object
from microtvm_project.stack.graph import CallGraph
from microtvm_project.stack.instructions import disassemble
from microtvm_project.stack.pointers import MODEL_FILE, RULES, Pointers
from microtvm_project.stack.usage import read_usage

from support.cmake_builds import find_program

# The test and the kernels that it includes are one file, as a model's are. Kernels are not handed
# those that the test finds in a table of its own.
_IN_TABLES = r"(?!microtvm_depthwise_(any|3x3))"
_RULES = tuple(
    replace(rule, file=".*", target=_IN_TABLES + rule.target)
    for rule in RULES
    if rule.file == MODEL_FILE
)
_PREFIX = "microtvm_"


def kernel_bound(folder: Path) -> int:
    """The most bytes that any kernel takes of the program that `run_on_board` built in a folder."""
    program = folder / "program.elf"
    image = read_image(program)
    objects = [read_object(path) for path in sorted(folder.glob("*.o"))]
    code = disassemble(find_program("arm-none-eabi-objdump"), program)
    pointers = Pointers(image, objects, _RULES)
    graph = CallGraph(image, code, read_usage(folder), pointers)
    sizes = []
    for symbol in image.functions():
        if symbol.name.startswith(_PREFIX):
            bound = graph.bound(symbol.address)
            assert bound.size is not None, bound.problem
            sizes.append(bound.size)
    return max(sizes)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Functions in assembly, linked, and what the analysis of the stack makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from microtvm_project.elf import Image, read_image
from microtvm_project.stack.depth import FunctionDepth
from microtvm_project.stack.graph import Bound, CallGraph
from microtvm_project.stack.instructions import disassemble
from microtvm_project.stack.pointers import Pointers
from microtvm_project.stack.usage import Usage

from support.assembler import link_program
from support.cmake_builds import find_program


@dataclass(frozen=True)
class Program:
    """A linked program of functions in assembly."""

    image: Image
    graph: CallGraph

    def bound(self, name: str) -> Bound:
        return self.graph.bound(self._addresses()[name])

    def depth(self, name: str) -> FunctionDepth:
        return self.graph.function(self._addresses()[name])[0]

    def calls(self, name: str) -> list[tuple[int, str | None]]:
        """The depth and the callee of each call; None for a callee that a register has."""
        names = {address: function for function, address in self._addresses().items()}
        calls = self.depth(name).calls
        return [(call.depth, None if call.target is None else names[call.target]) for call in calls]

    def _addresses(self) -> dict[str, int]:
        return {symbol.name: symbol.address for symbol in self.image.functions()}


def assembled_program(
    folder: Path, functions: Mapping[str, str], usage: Iterable[Usage] = ()
) -> Program:
    """Links functions by name; statements are separated by semicolons."""
    texts = [
        f".global {name}; .type {name}, %function; .thumb_func;"
        f" {name}: {body}; .size {name}, .-{name}"
        for name, body in functions.items()
    ]
    program = link_program("\n".join(texts), folder)
    image = read_image(program)
    code = disassemble(find_program("arm-none-eabi-objdump"), program)
    return Program(image, CallGraph(image, code, usage, Pointers(image, ())))

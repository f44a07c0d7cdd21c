# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The functions of an image with their stack and calls, and the deepest way below one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.stack.depth import FunctionDepth, function_depth
from microtvm_project.stack.usage import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from microtvm_project.elf import Image, Symbol
    from microtvm_project.stack.instructions import Instruction
    from microtvm_project.stack.pointers import Pointers
    from microtvm_project.stack.usage import Usage

# GCC puts what seldom runs of a function elsewhere, under a name of its own.
_PART = ".cold"


@dataclass(frozen=True)
class Step:
    """A function on a way through the program, and the bytes of stack until it calls the next."""

    function: str
    size: int


@dataclass(frozen=True)
class Bound:
    """The most stack that a function takes with all that it calls.

    Attributes:
        size: bytes; None where there is no bound.
        path: the functions on the deepest way, from the first to the last; where there is no
            bound, the way to the function that is to blame.
        problem: why there is no bound, else "".
    """

    size: int | None
    path: tuple[Step, ...]
    problem: str = ""


class CallGraph:
    """All functions of an image, followed when they are asked for."""

    def __init__(
        self,
        image: Image,
        code: Mapping[int, Instruction],
        usage: Iterable[Usage],
        pointers: Pointers,
    ) -> None:
        self._functions = {
            symbol.address: symbol for symbol in image.functions() if _PART not in symbol.name
        }
        self._starts = sorted(self._functions)
        self._code = code
        self._usage = _by_name(usage)
        self._pointers = pointers
        self._bounds: dict[int, Bound] = {}

    def bound(self, address: int) -> Bound:
        """The bound of the function at an address."""
        return self._bound(address, ())

    def _bound(self, address: int, above: tuple[int, ...]) -> Bound:
        if address in above:
            names = [self._name(at) for at in (*above[above.index(address) :], address)]
            return Bound(None, (), f"functions call each other in a circle: {' -> '.join(names)}")
        if address not in self._bounds:
            self._bounds[address] = self._measure(address, (*above, address))
        return self._bounds[address]

    def _measure(self, address: int, above: tuple[int, ...]) -> Bound:
        name = self._name(address)
        if address not in self._functions or address not in self._code:
            return Bound(None, (Step(name, 0),), f"there is no function at {address:#x}")
        depth, hidden = self.function(address)
        if depth.problem:
            return Bound(None, (Step(name, 0),), f"{name}: {depth.problem}")
        deepest = Bound(depth.own + hidden, (Step(name, depth.own + hidden),))
        for call in depth.calls:
            targets = self._targets(address) if call.target is None else (call.target,)
            if targets is None:
                problem = f"{name} calls by a pointer at {call.address:#x}, and no rule says whom"
                return Bound(None, (Step(name, 0),), problem)
            for target in targets:
                below = self._bound(target, above)
                step = Step(name, call.depth + hidden)
                if below.size is None:
                    return Bound(None, (step, *below.path), below.problem)
                if step.size + below.size > (deepest.size or 0):
                    deepest = Bound(step.size + below.size, (step, *below.path))
        return deepest

    def function(self, address: int) -> tuple[FunctionDepth, int]:
        """What a function needs, and what the compiler counts of it beyond what its code shows."""
        position = self._starts.index(address)
        following = self._starts[position + 1 :]
        end = following[0] if following else address + self._functions[address].size
        depth = function_depth(self._code, self._functions, address, end)
        symbol = self._functions[address]
        file = self._pointers.file_of(symbol)
        figures = self._usage.get(plain_name(symbol.name), [])
        own = [figure for figure in figures if figure.file == file] or figures
        told = max((figure.size for figure in own), default=0)
        if any(not figure.is_bounded for figure in own) and not depth.problem:
            depth = FunctionDepth(depth.own, depth.calls, "an array whose size is not known")
        return depth, max(told - depth.own, 0)

    def _targets(self, address: int) -> tuple[int, ...] | None:
        targets = self._pointers.targets(self._functions[address])
        return None if targets is None else tuple(sorted(targets))

    def _name(self, address: int) -> str:
        symbol: Symbol | None = self._functions.get(address)
        return symbol.name if symbol else f"{address:#x}"


def _by_name(usage: Iterable[Usage]) -> dict[str, list[Usage]]:
    named: dict[str, list[Usage]] = {}
    for figure in usage:
        named.setdefault(figure.name, []).append(figure)
    return named

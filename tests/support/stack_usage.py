# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The deepest C stack of each kernel, from the compiler's own figures (-fcallgraph-info=su)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from support.cmake_builds import ROOT, find_program

_INCLUDE = ROOT / "zephyr_app" / "include"
_INDIRECT = "__indirect_call"
_FLAGS = (
    *("-std=gnu11", "-O2", "-mthumb", "-Wall", "-Wextra", "-Werror"),
    # Every form, although nothing calls it.
    *("-fkeep-static-functions", "-fkeep-inline-functions", "-fcallgraph-info=su"),
)
_NODE = re.compile(r'^node: \{ title: "([^"]*)" label: "[^"]*\\n(\d+) bytes \(static\)"', re.M)
_ANY_NODE = re.compile(r'^node: \{ title: "([^"]*)"(?!.* shape : ellipse)', re.M)
_EDGE = re.compile(r'^edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"', re.M)
_FUNCTION = re.compile(r"^\t\.type\t(\w+), %function$")
_ADDRESS = re.compile(r"(?:\.word\t|#:lower16:)(\w+)")
# Ours have a blank behind "push", the compiler's own a tab.
_PUSH = re.compile(r"^\s*push \{(.*)\}$")


def kernel_headers() -> list[str]:
    """Those that a model includes: no other kernel's header does."""
    folder = _INCLUDE / "microtvm" / "kernels"
    headers = sorted(f"microtvm/kernels/{path.name}" for path in folder.glob("*.h"))
    text = "".join((_INCLUDE / header).read_text(encoding="utf-8") for header in headers)
    return [header for header in headers if f'#include "{header}"' not in text]


@dataclass(frozen=True)
class CallGraph:
    """The functions of one header.

    Attributes:
        frames: bytes of stack of each function.
        calls: whom each calls.
        targets: those that may be called by their address.
    """

    frames: Mapping[str, int]
    calls: Mapping[str, frozenset[str]]
    targets: frozenset[str]

    def depth(self, function: str) -> int:
        """Bytes from a function's entry to the deepest function below it."""
        return self._depths[function]

    @cached_property
    def _depths(self) -> dict[str, int]:
        depths: dict[str, int] = {}
        for function in self.frames:
            self._measure(function, depths, ())
        return depths

    def _measure(self, function: str, depths: dict[str, int], above: tuple[str, ...]) -> int:
        assert function not in above, f"{function} calls itself"
        if function not in depths:
            below = [
                self._measure(callee, depths, (*above, function))
                for callee in self._callees(function)
            ]
            depths[function] = self.frames[function] + max(below, default=0)
        return depths[function]

    def _callees(self, function: str) -> set[str]:
        callees = set(self.calls.get(function, ()))
        if _INDIRECT in callees:
            callees |= {target for target in self.targets if not self._leads(target, function)}
        return callees & self.frames.keys()

    def _leads(self, function: str, other: str) -> bool:
        """Whether calls by name lead from one function to another, which then cannot call it."""
        callees = self.calls.get(function, frozenset())
        return function == other or any(self._leads(callee, other) for callee in callees)


def call_graph(folder: Path, header: str, machine: Sequence[str]) -> CallGraph:
    """Compiles every function of a header for a core; `machine` has the flags that say which."""
    output = folder / "kernel.s"
    command = [
        *(find_program("arm-none-eabi-gcc"), *_FLAGS, *machine, "-I", str(_INCLUDE)),
        *("-include", header, "-S", "-o", str(output), "-x", "c", "/dev/null"),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    text = output.with_suffix(".ci").read_text(encoding="utf-8")
    names = {title: title.rpartition(":")[2] for title in _ANY_NODE.findall(text)}
    frames = {names[title]: int(size) for title, size in _NODE.findall(text)}
    assert frames.keys() == set(names.values()), "a frame whose size is not known"
    calls: dict[str, set[str]] = {}
    for source, target in _EDGE.findall(text):
        calls.setdefault(names[source], set()).add(target.rpartition(":")[2])
    assembly = output.read_text(encoding="utf-8")
    pushed = _pushed_by_assembly(assembly)
    return CallGraph(
        {name: size + pushed.get(name, 0) for name, size in frames.items()},
        {name: frozenset(callees) for name, callees in calls.items()},
        frozenset(_ADDRESS.findall(assembly)) & frames.keys(),
    )


def _pushed_by_assembly(text: str) -> dict[str, int]:
    """Bytes that a function's inline assembly pushes: the compiler does not count them."""
    pushed: dict[str, int] = {}
    function = ""
    for line in text.splitlines():
        if begins := _FUNCTION.match(line):
            function = begins[1]
        elif push := _PUSH.match(line):
            pushed[function] = pushed.get(function, 0) + 4 * _count(push[1])
    return pushed


def _count(registers: str) -> int:
    """Of a list such as "r1, r3-r6"."""
    count = 0
    for part in registers.split(", "):
        first, _, last = part.partition("-")
        count += 1 if not last else int(last[1:]) - int(first[1:]) + 1
    return count

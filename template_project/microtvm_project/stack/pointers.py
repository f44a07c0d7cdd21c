# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Calls by pointer: whom each may reach, by a declared table and by whose address objects take.

A call that no row of the table is about has unknown targets, and whoever makes it has no bound.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from microtvm_project.elf import Image, ObjectFile, Symbol


@dataclass(frozen=True)
class PointerRule:
    """Where the pointers of a call come from. Patterns match whole names.

    Attributes:
        file: the calling function's source file.
        caller: its name.
        source: the file that takes the functions' addresses; "" for the caller's own.
        target: the functions' names.
        between: the names of the start and end of a table of pointers in the image, in place of
            `source`.
        array: the name of an array of instructions, in place of `source`: such a call takes no
            stack where the array holds a loop that counts a register down, and nothing else.
    """

    file: str
    caller: str
    source: str = ""
    target: str = ".*"
    between: tuple[str, str] | None = None
    array: str = ""


MODEL_FILE = r"\w+_lib\d+\.c"

RULES = (
    # A kernel is handed the inner loop that it runs: both are in the model's own file. The run of a
    # depthwise layer is itself handed to one, and calls what is handed to it.
    PointerRule(MODEL_FILE, r"(?!microtvm_depthwise_run).*"),
    PointerRule(MODEL_FILE, r"microtvm_depthwise_run.*", target=r"(?!microtvm_depthwise_run).*"),
    # The table of requests.
    PointerRule(r"rpc_requests\.c", "microtvm_execute_request"),
    # A model's descriptor, in the first of its files, has the function that runs a layer.
    PointerRule(r"execution\.c|main_standalone\.c", ".*", source=r"\w+_lib0\.c"),
    # Zephyr's main thread, its initialisation, and the UART's driver.
    PointerRule(r"thread_entry\.c", "z_thread_entry", source=r"init\.c", target="bg_thread_main"),
    PointerRule(
        r"init\.c",
        "z_sys_init_run_level|bg_thread_main",
        between=("__init_POST_KERNEL_start", "__init_end"),
    ),
    PointerRule(r"platform_zephyr\.c", "microtvm_platform_write", r"uart_\w+\.c", r"\w+_poll_out"),
    PointerRule(
        r"platform_zephyr\.c",
        "microtvm_platform_init|start_receiving",
        source=r"uart_\w+\.c",
        target=r"\w+_(poll_in|irq_rx_enable|irq_callback_set)",
    ),
    # Nordic's delay of a few microseconds.
    PointerRule(r"soc\.c", "arch_busy_wait", array="delay_machine_code"),
)

# SUBS r0, #n; BHI to the one before; BX LR.
_COUNT_DOWN = re.compile(rb".\x38\xfd\xd8\x70\x47", re.DOTALL)


class Pointers:
    """Answers whom a function may call by pointer.

    Args:
        image: the linked image.
        objects: the object files that it was linked from, or more.
        rules: the table.
    """

    def __init__(
        self, image: Image, objects: Iterable[ObjectFile], rules: Sequence[PointerRule] = RULES
    ) -> None:
        self._image = image
        self._objects = tuple(objects)
        self._files = _files_of(self._objects)
        self._rules = rules

    def file_of(self, function: Symbol) -> str:
        """The source file of a function, "" where several have one of its name, or none."""
        return function.file or self._files.get(function.name, "")

    def targets(self, caller: Symbol) -> frozenset[int] | None:
        """The addresses of the functions that it may call by pointer; None where no rule says."""
        file = self.file_of(caller)
        rules = [
            rule
            for rule in self._rules
            if re.fullmatch(rule.file, file) and re.fullmatch(rule.caller, caller.name)
        ]
        found = [self._reached(rule, file) for rule in rules]
        if not found or None in found:
            return None
        return frozenset().union(*(targets for targets in found if targets is not None))

    def _reached(self, rule: PointerRule, file: str) -> set[int] | None:
        if rule.array:
            return set() if self._counts_down(rule.array) else None
        return self._between(*rule.between) if rule.between else self._taken(rule, file)

    def _counts_down(self, array: str) -> bool:
        """Whether all arrays of this name hold the loop; GCC numbers those inside functions."""
        arrays = [
            self._image.bytes_at(symbol.address, symbol.size)
            for symbol in self._image.symbols
            if symbol.kind == "object" and re.fullmatch(rf"{array}(\.\d+)?", symbol.name)
        ]
        return bool(arrays) and all(_COUNT_DOWN.fullmatch(code) for code in arrays)

    def _taken(self, rule: PointerRule, file: str) -> set[int] | None:
        source = rule.source or re.escape(file)
        taken = {
            (unit.file if name in unit.functions else "", name)
            for unit in self._objects
            if re.fullmatch(source, unit.file)
            for name in unit.taken
            if re.fullmatch(rule.target, name)
        }
        names = {name for _, name in taken}
        found = {
            symbol.address
            for symbol in self._image.functions()
            if (symbol.file, symbol.name) in taken or (not symbol.file and symbol.name in names)
        }
        return found or None

    def _between(self, start: str, end: str) -> set[int] | None:
        """The functions in a table of the image, which may be empty."""
        places = {symbol.name: symbol.address for symbol in self._image.symbols}
        if start not in places or end not in places:
            return None
        table = self._image.bytes_at(places[start], places[end] - places[start])
        words = {word for (word,) in struct.iter_unpack("<I", table[: len(table) & ~3])}
        return {symbol.address for symbol in self._image.functions() if symbol.address | 1 in words}


def _files_of(objects: Iterable[ObjectFile]) -> dict[str, str]:
    """The file of each function that only one file has; a weak one gives way to the other."""
    strong: dict[str, str] = {}
    weak: dict[str, str] = {}
    for unit in objects:
        for name in unit.functions:
            files = weak if name in unit.weak else strong
            files[name] = "" if name in files else unit.file
    return {**weak, **strong}

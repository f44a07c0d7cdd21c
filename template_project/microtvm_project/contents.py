# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the symbols of a firmware are to a person: a model's code or constants, pools, stacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microtvm_project.memory_use import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from microtvm_project.elf import Symbol

MAIN_STACK = "main stack"
# The section of link.ld, and Zephyr's array.
_MAIN_STACKS = (MAIN_STACK, ".stack", "z_main_stack")
_FIRMWARE_CODE = "code of the firmware"
_FIRMWARE_CONSTANTS = "constants of the firmware"
_OTHER_STACKS = "other stacks"
_DATA = "data of the firmware"
# A link that failed tells no more of it: nearly all of it is stacks.
_UNSET_SECTION = ".noinit"
_UNSET = "stacks and what else has no initial value"
_COMMON = (MAIN_STACK, _OTHER_STACKS, _UNSET, _FIRMWARE_CODE, _FIRMWARE_CONSTANTS, _DATA)

_TOLD_SYMBOLS = 8
_POOLS_FILE = "models.c"
_POOL_PREFIX = "pool_"
_STACK = re.compile(r"(?:^|_)stacks?$")
_MODEL_FILE = re.compile(r"([a-z0-9_]+)_lib[0-9]+\.c")


def group_symbols(symbols: Iterable[Symbol], kind: str, modules: Sequence[str]) -> tuple[Part, ...]:
    """The bytes of a memory's symbols by what they are, models first, then the largest.

    Args:
        symbols: no two of them at one address.
        kind: "flash" or "ram".
        modules: the models' names.
    """
    sizes: dict[str, int] = {}
    for symbol in symbols:
        name = _group_of(symbol, kind, modules)
        sizes[name] = sizes.get(name, 0) + symbol.size
    ordered = sorted(sizes.items(), key=lambda row: (_is_common(row[0]), -row[1], row[0]))
    return tuple(Part(name, size) for name, size in ordered if size)


def largest_symbols(symbols: Iterable[Symbol]) -> tuple[Part, ...]:
    """The largest symbols, each with its file where that is known."""
    ordered = sorted(symbols, key=lambda symbol: (-symbol.size, symbol.name))
    return tuple(
        Part(f"{symbol.name} of {symbol.file}" if symbol.file else symbol.name, symbol.size)
        for symbol in ordered[:_TOLD_SYMBOLS]
        if symbol.size
    )


def _is_common(group: str) -> bool:
    """Whether it is no model's."""
    return group in _COMMON


def _group_of(symbol: Symbol, kind: str, modules: Sequence[str]) -> str:
    module = _module_of(symbol, modules)
    if symbol.kind == "function":
        return f"code of {module}" if module else _FIRMWARE_CODE
    if module:
        return f"constants of {module}"
    if symbol.file == _POOLS_FILE and symbol.name.startswith(_POOL_PREFIX):
        return f"pool {symbol.name[len(_POOL_PREFIX) :]}"
    if symbol.name in _MAIN_STACKS:
        return MAIN_STACK
    if symbol.name == _UNSET_SECTION:
        return _UNSET
    if _STACK.search(symbol.name):
        return _OTHER_STACKS
    return _DATA if kind == "ram" else _FIRMWARE_CONSTANTS


def _module_of(symbol: Symbol, modules: Sequence[str]) -> str:
    """The model whose generated code a symbol is of; "" where it is none's."""
    match = _MODEL_FILE.fullmatch(symbol.file)
    if match and match[1] in modules:
        return match[1]
    owners = [name for name in modules if symbol.name.startswith(f"tvmgen_{name}_")]
    return max(owners, key=len, default="")

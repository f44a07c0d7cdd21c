# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A link that failed because a memory is full, told with numbers and with what takes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microtvm_project.contents import group_symbols, largest_symbols
from microtvm_project.errors import BuildError, CapacityError
from microtvm_project.link_map import LinkerRegion, LinkMap, read_link_map
from microtvm_project.memory_use import MemoryUse, Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from microtvm_project.boards import Board

# What GNU ld says when a region is full.
_OVERFLOW = re.compile(
    r"region [`'\u2018]([A-Za-z0-9_.$-]{1,64})['\u2019] overflowed by ([0-9]{1,19}) bytes?\b"
)
HINT = "a smaller model, workspace or stack, or a larger board"


def explain_overflow(
    error: BuildError, build: Path, board: Board, modules: Sequence[str]
) -> BuildError:
    """The error of a build whose memories are too small, said so; other errors unchanged.

    Args:
        error: what the failed build printed.
        build: its folder, in which the linker has left its map.
        modules: the models' names.
    """
    excess = {name: int(count) for name, count in _OVERFLOW.findall(error.found)}
    if not excess:
        return error
    linked = read_link_map(_newest_map(build))
    told = [_told(name, excess[name], linked, board, modules) for name in sorted(excess)]
    sizes = [_expected(name, linked) for name in sorted(excess)]
    return CapacityError(
        f"The image does not fit board {board.name}: {'; '.join(told)}",
        expected=", ".join(sizes),
        hint=HINT,
    )


def _newest_map(build: Path) -> Path:
    """The map of the last link: Zephyr links several times."""
    found = [
        (path.stat().st_mtime_ns, path)
        for path in (*build.glob("*.map"), *build.glob("zephyr/*.map"))
    ]
    return max(found)[1] if found else build / "none.map"


def _told(name: str, excess: int, linked: LinkMap, board: Board, modules: Sequence[str]) -> str:
    region = _region(name, linked)
    overflowed = f"region {name} overflowed by {excess:,} bytes"
    if region is None:
        return overflowed
    use = _use(region, linked, _kind(region, board), modules)
    parts = f"{use.largest()}; the largest: {use.largest_symbols()}" if use.parts else "unknown"
    return f"{overflowed}: it would take {region.size + excess:,} ({parts})"


def _expected(name: str, linked: LinkMap) -> str:
    region = _region(name, linked)
    return f"at most {region.size:,} bytes in {name}" if region else f"less in {name}"


def _region(name: str, linked: LinkMap) -> LinkerRegion | None:
    return next((region for region in linked.regions if region.name == name), None)


def _kind(region: LinkerRegion, board: Board) -> str:
    for own in board.memory:
        if own.address <= region.address < own.end:
            return own.kind
    return "ram"


def _use(region: LinkerRegion, linked: LinkMap, kind: str, modules: Sequence[str]) -> MemoryUse:
    """What the linker has put into a region, and behind its end."""
    others = [other.address for other in linked.regions if other.address > region.address]
    end = min(others, default=1 << 32)
    own = [symbol for symbol in linked.symbols if region.address <= symbol.address < end]
    copied = sum(size for address, size in linked.loads if region.address <= address < end)
    copies = (Part("initial values of data", copied),) if copied else ()
    parts = (*group_symbols(own, kind, modules), *copies)
    return MemoryUse(region.name, kind, region.size, parts, largest_symbols(own))

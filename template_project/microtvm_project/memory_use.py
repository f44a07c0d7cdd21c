# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What lies in each memory of a board, as a tree of named parts, and whether it has room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from microtvm_project.errors import CapacityError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOLD_PARTS = 5


@dataclass(frozen=True)
class Part:
    """Something in a memory.

    Attributes:
        size: bytes; None where they are not known yet.
        details: what is said of its inside. They may share bytes, and need not add up.
        is_estimate: whether it may turn out smaller.
    """

    name: str
    size: int | None
    details: tuple[Part, ...] = ()
    is_estimate: bool = False


@dataclass(frozen=True)
class MemoryUse:
    """What takes the bytes of one memory.

    Attributes:
        kind: "flash" or "ram".
        size: bytes of the memory; None where no board is named.
        symbols: the largest functions and objects in it, where they are known.
    """

    name: str
    kind: str
    size: int | None
    parts: tuple[Part, ...]
    symbols: tuple[Part, ...] = ()

    @property
    def used(self) -> int:
        """Bytes taken by the parts whose size is known."""
        return sum(part.size or 0 for part in self.parts)

    @property
    def needed(self) -> int:
        """The same without what is only estimated."""
        return sum(part.size or 0 for part in self.parts if not part.is_estimate)

    @property
    def free(self) -> int | None:
        """Bytes left, below 0 where the parts do not fit."""
        return None if self.size is None else self.size - self.used

    def largest(self) -> str:
        """The largest parts with their sizes, in one line."""
        return _largest(part for part in self.parts if not part.is_estimate)

    def largest_symbols(self) -> str:
        """The same of functions and objects."""
        return _largest(self.symbols)


def _largest(parts: Iterable[Part]) -> str:
    known = [(part.size, part.name) for part in parts if part.size]
    ordered = sorted(known, key=lambda row: (-row[0], row[1]))
    return ", ".join(f"{name} {size:,}" for size, name in ordered[:_TOLD_PARTS])


def check_room(uses: Iterable[MemoryUse], what: str, board: str, hint: str) -> None:
    """Refuses what a memory has no room for.

    Args:
        what: begins the message, as "The model".

    Raises:
        CapacityError: with the size of each such memory, what is needed, and by what.
    """
    full = [use for use in uses if use.size is not None and use.needed > use.size]
    if full:
        told = [f"{use.name} would take {use.needed:,} bytes ({use.largest()})" for use in full]
        sizes = [f"{use.size:,} bytes in {use.name}" for use in full]
        raise CapacityError(
            f"{what} does not fit board {board}: {'; '.join(told)}",
            expected=f"at most {', '.join(sizes)}",
            hint=hint,
        )

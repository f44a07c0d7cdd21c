# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a linked image has in each memory of the board, part by part."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from microtvm_project.contents import MAIN_STACK, group_symbols, largest_symbols
from microtvm_project.elf import Image, Symbol
from microtvm_project.image import RegionUse, measure
from microtvm_project.memory_use import MemoryUse, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from microtvm_project.boards import Board, MemoryRegion

_STACK = ("__main_stack_start", "__main_stack_end")
_KEPT = ("__kept_start", "__kept_end")


def image_memory(
    image: Image, board: Board, modules: Sequence[str], stack_bound: int | None = None
) -> tuple[MemoryUse, ...]:
    """The memories of the board; the parts of each add up to what its segments take.

    Args:
        modules: the models' names.
        stack_bound: bytes that the program can take of the main stack, where that is known.

    Raises:
        CapacityError: a memory is too small.
        BuildError: something lies outside of every memory.
    """
    symbols = sized_symbols(image)
    totals = measure(image.segments, board, symbols)
    return tuple(_use(total, image, symbols, modules, stack_bound) for total in totals)


def sized_symbols(image: Image) -> tuple[Symbol, ...]:
    """One symbol for each place that functions and objects take, with the stack of link.ld."""
    places: dict[int, Symbol] = {}
    for symbol in (*image.symbols, *_linked_stack(image)):
        known = places.get(symbol.address)
        if symbol.size and symbol.kind and (known is None or _rank(known) < _rank(symbol)):
            places[symbol.address] = symbol
    return tuple(places[address] for address in sorted(places))


def _rank(symbol: Symbol) -> tuple[int, bool, str]:
    """Of two names for one place, the larger counts, and the one whose file is known."""
    return symbol.size, bool(symbol.file), symbol.name


def _linked_stack(image: Image) -> tuple[Symbol, ...]:
    """The main stack of link.ld, whose two symbols have no size."""
    return tuple(
        replace(place, name=MAIN_STACK, kind="object") for place in _linked_place(image, *_STACK)
    )


def _linked_place(image: Image, first: str, last: str) -> tuple[Symbol, ...]:
    """What lies between two symbols that the linker was told of; nothing where there are none."""
    ends = {symbol.name: symbol for symbol in image.symbols}
    if first not in ends or last not in ends:
        return ()
    size = ends[last].address - ends[first].address
    return (replace(ends[first], size=max(size, 0)),)


def _use(
    total: RegionUse,
    image: Image,
    symbols: Iterable[Symbol],
    modules: Sequence[str],
    stack_bound: int | None,
) -> MemoryUse:
    region = total.region
    own = [symbol for symbol in symbols if _is_in(region, symbol.address)]
    parts = tuple(
        _with_bound(part, stack_bound) for part in group_symbols(own, region.kind, modules)
    )
    copied = sum(
        segment.load_size
        for segment in image.segments
        if segment.load_address != segment.run_address and _is_in(region, segment.load_address)
    )
    other = total.used - copied - sum(part.size or 0 for part in parts)
    # No section has it, since a start must not touch it.
    kept = sum(
        place.size for place in _linked_place(image, *_KEPT) if _is_in(region, place.address)
    )
    rest = (
        Part("initial values of data", copied),
        Part("kept over a reset", kept),
        Part("other, and alignment", other),
    )
    return MemoryUse(
        region.name,
        region.kind,
        region.size,
        (*parts, *(part for part in rest if part.size)),
        largest_symbols(own),
    )


def _is_in(region: MemoryRegion, address: int) -> bool:
    return region.address <= address < region.end


def _with_bound(part: Part, stack_bound: int | None) -> Part:
    """The main stack with what of it the program may take."""
    if part.name != MAIN_STACK or stack_bound is None:
        return part
    return replace(part, details=(Part("in it the bound", stack_bound),))

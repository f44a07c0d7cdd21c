# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""In which memory region of a board each pool of the models lies, and whether they all fit.

`zephyr_app/regions.cmake` follows the same rule when the firmware is built.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from microtvm_project.boards import GLOBAL_WORKSPACE
from microtvm_project.errors import OptionError
from microtvm_project.memory_use import MemoryUse, Part, check_room

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from microtvm_project.boards import Board, MemoryRegion
    from microtvm_project.model_library import Module
    from microtvm_project.options import OptionValues

OPTION = "pool_regions"
OWN = "own"

# A colon serves as well: the tvmc of TVM up to 0.18 refuses values with "=".
_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[=:]([A-Za-z0-9_]+)")


def parse_pool_regions(text: str) -> Mapping[str, str]:
    """The option pool_regions: POOL=REGION, separated by commas.

    Raises:
        OptionError: a part has another form, or names a pool again.
    """
    regions: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        pair = _PAIR.fullmatch(part)
        if pair is None:
            raise OptionError(
                f"Option {OPTION!r} has {part[:80]!r}", expected="POOL=REGION, separated by commas"
            )
        if pair[1] in regions:
            raise OptionError(f"Option {OPTION!r} maps the pool {pair[1]!r} twice")
        regions[pair[1]] = pair[2]
    return regions


def check_pool_names(modules: Sequence[Module], options: OptionValues) -> Mapping[str, str]:
    """The option pool_regions, which may only name pools that there are.

    Raises:
        OptionError: there is no such pool, or the option has another form.
    """
    mapped = parse_pool_regions(options.text(OPTION) or "")
    known = {pool.name for module in modules for pool in (*module.pools, *module.constant_pools)}
    strange = sorted(set(mapped) - known)
    if strange:
        raise OptionError(
            f"Option {OPTION!r} maps the pool {strange[0]!r}, which no model has",
            expected=f"one of {', '.join(sorted(known))}",
        )
    return mapped


def check_pools(modules: Sequence[Module], board: Board, options: OptionValues) -> None:
    """Refuses pools for which the board has no region, or none that is large enough.

    Raises:
        OptionError: there is no such region, or pool.
        CapacityError: a region is too small, with its size and what would be in it.
    """
    mapped = check_pool_names(modules, options)
    parts: dict[str, list[Part]] = {region.name: [] for region in board.memory}
    for pool, part in _workspace_parts(modules, options):
        parts[_region_of(pool, mapped, board.regions("ram"), board).name].append(part)
    for module in modules:
        for constants in module.constant_pools:
            region = _region_of(constants.name, mapped, board.memory, board)
            title = f"constants of {module.name}"
            parts[region.name].append(Part(title, constants.size_bytes))
    uses = [
        MemoryUse(region.name, region.kind, region.size, tuple(parts[region.name]))
        for region in board.memory
    ]
    hint = f"smaller pools of tvmc compile, or {OPTION}=POOL=REGION for another region"
    check_room(uses, "A firmware with these models", board.name, hint)


def _workspace_parts(
    modules: Sequence[Module], options: OptionValues
) -> Iterator[tuple[str, Part]]:
    """The pieces of memory of the models' workspaces, each with its pool's name."""
    sizes = [
        (pool.name, module.name, _size(pool.name, pool.size_bytes, options))
        for module in modules
        for pool in module.pools
    ]
    if options.text("workspace") == OWN:
        for pool, module_name, size in sizes:
            yield pool, Part(f"{pool} of {module_name}", size)
        return
    for name in dict.fromkeys(pool for pool, _, _ in sizes):
        yield name, Part(name, max(size for pool, _, size in sizes if pool == name))


def _size(pool: str, needed: int, options: OptionValues) -> int:
    given = options.integer("workspace_size_bytes")
    return max(needed, given or 0) if pool == GLOBAL_WORKSPACE else needed


def _region_of(
    pool: str, mapped: Mapping[str, str], regions: Sequence[MemoryRegion], board: Board
) -> MemoryRegion:
    """The region of a pool, which must be one of `regions`."""
    wanted = mapped.get(pool, board.region_name_of_pool(pool))
    for region in regions:
        if region.name == wanted:
            return region
    known = ", ".join(f"{region.name} ({region.kind}, {region.size:,} bytes)" for region in regions)
    if pool in mapped:
        found = f"Option {OPTION!r} maps the pool {pool!r} to {wanted!r}"
    else:
        found = f"Board {board.name} has no memory region for the pool {pool!r}"
    raise OptionError(
        found,
        expected=f"one of {known}",
        hint=f"--project-option {OPTION}={pool}={regions[0].name}, or other pools of tvmc compile",
    )

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Where a model's buffers and constants may be: the pools that are named, --io, and the board."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from microtvm.cli.accepted_flags import pass_config
from microtvm.cli.command import UsageError
from microtvm.cli.pool_arguments import add_pool_arguments, parse_pools
from microtvm.errors import PoolError

if TYPE_CHECKING:
    from microtvm_project.boards import Board, MemoryRegion

    from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool

_USE_WORKSPACE_IO = "tir.usmp.use_workspace_io"
_IO_OF = {"1": "workspace", "true": "workspace", "0": "caller", "false": "caller"}


def add_memory_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--io",
        choices=("workspace", "caller"),
        help="where inputs and outputs are: in the workspace, where layers may overwrite inputs "
        f"that have been read, or in the caller's memory; as {_USE_WORKSPACE_IO} of --pass-config "
        "(default: workspace)",
    )
    add_pool_arguments(parser)


def parse_memory(arguments: argparse.Namespace, board: Board | None) -> MemoryOptions:
    """What all the flags say together.

    Raises:
        UsageError: they cannot be read, or contradict each other.
        PoolError: a pool is wrong, or the board has no such memory.
    """
    from microtvm.compiler.memory_pools import MemoryOptions, ordinary_flash

    workspace = parse_pools(arguments, "workspace")
    constants = parse_pools(arguments, "constant")
    options = MemoryOptions(constants=constants, io=_parse_io(arguments))
    if workspace:
        options = replace(options, workspace=workspace)
    if board is None:
        return replace(options, flash=ordinary_flash(constants))
    return _on_board(options, bool(workspace), board)


def _parse_io(arguments: argparse.Namespace) -> str:
    configured = pass_config(arguments).get(_USE_WORKSPACE_IO)
    named: str | None = arguments.io
    if configured is None:
        return named or "workspace"
    io = _IO_OF[configured]
    if named not in (None, io):
        raise UsageError(
            f"--io is {named} and {_USE_WORKSPACE_IO}={configured} says {io}",
            hint="leave one of the two out",
        )
    return io


def _on_board(options: MemoryOptions, named: bool, board: Board) -> MemoryOptions:
    """Pools have the sizes of the board's regions, where they are not to be smaller."""
    flash = board.regions("flash")
    workspace = options.workspace if named else ()
    regions = {pool.name: _region(pool, board.regions("ram"), board) for pool in workspace}
    constants = []
    for pool in options.constants:
        size = _limit(pool, _region(pool, board.memory, board))
        # In a region of the workspace, constants without a size take what that leaves.
        left = pool.size_bytes is None and pool.name in regions
        constants.append(pool if left else replace(pool, size_bytes=size))
    taken = {pool.name: pool.size_bytes or 0 for pool in options.constants}
    return replace(
        options,
        workspace=tuple(
            _sized(pool, regions[pool.name], taken.get(pool.name, 0)) for pool in workspace
        )
        or options.workspace,
        constants=tuple(constants),
        core_hz=board.clock_hz,
        flash=flash[0].name if flash else "",
        shared=tuple((name, region.size) for name, region in regions.items()),
    )


def _region(pool: MemoryPool, regions: Sequence[MemoryRegion], board: Board) -> MemoryRegion:
    region = board.region_of_pool(pool.name)
    if region is not None and region in regions:
        return region
    known = ", ".join(f"{region.name} ({region.kind}, {region.size:,} bytes)" for region in regions)
    raise PoolError(
        f"board {board.name} has no memory for the pool '{pool.name}'", expected=f"one of {known}"
    )


def _limit(pool: MemoryPool, region: MemoryRegion) -> int:
    if pool.size_bytes is not None and pool.size_bytes > region.size:
        raise PoolError(
            f"pool {pool.name} is said to have {pool.size_bytes:,} bytes",
            expected=f"at most {region.size:,}, which the board's {region.name} has",
        )
    return pool.size_bytes or region.size


def _sized(pool: MemoryPool, region: MemoryRegion, constants: int) -> MemoryPool:
    """A pool of the workspace beside so many bytes of constants."""
    size = min(_limit(pool, region), region.size - constants)
    if size < 1:
        raise PoolError(
            f"constants may take all {region.size:,} bytes of {region.name}",
            expected="some for the workspace",
            hint=f"a smaller --constant-pools-size-hint-bytes {pool.name}:BYTES",
        )
    return replace(pool, size_bytes=size)

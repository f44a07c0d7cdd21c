# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools against a board's regions, and where inputs and outputs are."""

from __future__ import annotations

import argparse
import shlex

import pytest
from microtvm_project.boards import Board, find_board

from microtvm.cli.accepted_flags import add_accepted_flags
from microtvm.cli.command import UsageError
from microtvm.cli.memory_arguments import add_memory_arguments, parse_memory
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.errors import PoolError
from microtvm.resources import boards_dir

_DTCM, _RAM, _FLASH = 0x1_0000, 0x4_0000, 0x10_0000


def _parse(line: str, board: Board | None = None) -> MemoryOptions:
    parser = argparse.ArgumentParser()
    add_memory_arguments(parser)
    add_accepted_flags(parser)
    return parse_memory(parser.parse_args(shlex.split(line)), board)


def _on_board(line: str) -> MemoryOptions:
    return _parse(line, find_board(boards_dir(), "nucleo_f746zg"))


def _sizes(options: MemoryOptions) -> dict[str, int | None]:
    return {pool.name: pool.size_bytes for pool in options.workspace}


def test_nothing_said_is_one_pool_of_any_size() -> None:
    assert _parse("") == MemoryOptions()
    assert _parse("--workspace-pools sram").workspace == (MemoryPool("sram"),)


def test_the_last_constant_pool_without_a_size_is_flash() -> None:
    hint = "--constant-pools-size-hint-bytes"
    assert _parse(f"--constant-pools dtcm,flash {hint} dtcm:8192").flash == "flash"
    assert _parse(f"--constant-pools dtcm {hint} dtcm:8192").flash == ""


def test_pools_of_a_board_are_as_large_as_its_regions() -> None:
    options = _on_board("--workspace-pools dtcm,ram --constant-pools flash")
    assert _sizes(options) == {"dtcm": _DTCM, "ram": _RAM}
    assert (options.core_hz, options.flash) == (216_000_000, "flash")
    assert options.constants == (MemoryPool("flash", _FLASH),)
    main = _on_board("--workspace-pools dtcm,global_workspace")
    assert _sizes(main) == {"dtcm": _DTCM, "global_workspace": _RAM}


def test_without_pools_a_board_sets_no_limit_to_the_workspace() -> None:
    assert _sizes(_on_board("")) == {"global_workspace": None}


def test_a_hint_may_be_smaller_than_the_region() -> None:
    line = "--workspace-pools dtcm --workspace-pools-size-hint-bytes dtcm:"
    assert _sizes(_on_board(f"{line}{_DTCM}")) == {"dtcm": _DTCM}
    assert _sizes(_on_board(f"{line}4096")) == {"dtcm": 4096}
    with pytest.raises(PoolError, match="said to have 65,537 bytes") as caught:
        _on_board(f"{line}{_DTCM + 1}")
    assert "65,536" in caught.value.expected


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("--workspace-pools sram", "ram (ram, 262,144 bytes), dtcm (ram, 65,536 bytes)"),
        ("--workspace-pools flash", "ram (ram, 262,144 bytes), dtcm (ram, 65,536 bytes)"),
        ("--constant-pools qspi", "flash (flash, 1,048,576 bytes)"),
    ],
)
def test_memories_that_the_board_lacks(line: str, known: str) -> None:
    with pytest.raises(PoolError, match="board nucleo_f746zg has no memory") as caught:
        _on_board(line)
    assert known in caught.value.expected


def test_constants_and_buffers_in_one_region() -> None:
    both = "--workspace-pools dtcm,ram --constant-pools dtcm"
    hinted = _on_board(f"{both} --constant-pools-size-hint-bytes dtcm:8192")
    assert _sizes(hinted) == {"dtcm": _DTCM - 8192, "ram": _RAM}
    assert hinted.constants == (MemoryPool("dtcm", 8192),)
    left = _on_board(both)
    assert _sizes(left) == {"dtcm": _DTCM, "ram": _RAM}
    assert left.constants == (MemoryPool("dtcm"),)
    assert dict(left.shared)["dtcm"] == _DTCM
    with pytest.raises(PoolError, match="constants may take all 65,536 bytes"):
        _on_board(f"{both} --constant-pools-size-hint-bytes dtcm:{_DTCM}")


@pytest.mark.parametrize(
    ("line", "io"),
    [
        ("", "workspace"),
        ("--io workspace", "workspace"),
        ("--io caller", "caller"),
        ("--pass-config tir.usmp.use_workspace_io=1", "workspace"),
        ("--pass-config tir.usmp.use_workspace_io=0", "caller"),
        ("--pass-config tir.usmp.use_workspace_io=False", "caller"),
        ("--pass-config tir.usmp.use_workspace_io=0 --io caller", "caller"),
    ],
)
def test_where_inputs_and_outputs_are(line: str, io: str) -> None:
    assert _parse(line).io == io


def test_two_flags_that_contradict_each_other() -> None:
    with pytest.raises(UsageError, match=r"--io is workspace and .*=0 says caller"):
        _parse("--pass-config tir.usmp.use_workspace_io=0 --io workspace")

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Constants that are read most a byte go to the fastest memory with room, the rest to flash."""

from __future__ import annotations

import random

import pytest

from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.compiler.place_constants import ConstantPool, ConstantUse, place_constants
from microtvm.errors import PoolError

_USES = (
    ConstantUse("once", 1600, 1600),
    ConstantUse("often", 1600, 160_000),
    ConstantUse("small", 16, 800),
)


def _memory(*pools: MemoryPool, flash: str = "") -> MemoryOptions:
    return MemoryOptions(constants=pools, flash=flash)


def _members(pools: tuple[ConstantPool, ...]) -> dict[str, tuple[str, ...]]:
    return {pool.name: pool.members for pool in pools}


def test_without_pools_all_stays_in_flash() -> None:
    (flash,) = place_constants(_USES, _memory(), {})
    assert flash.is_flash
    assert flash.members == ("often", "small", "once")
    assert (flash.size, flash.read, flash.stall_cycles) == (3216, 162_400, 0)


@pytest.mark.parametrize(
    ("size", "members"),
    [
        (15, ()),
        (16, ("small",)),
        (1599, ("small",)),
        (1600, ("often",)),
        (1616, ("often", "small")),
    ],
)
def test_the_most_read_fill_the_fast_pool(size: int, members: tuple[str, ...]) -> None:
    memory = _memory(MemoryPool("dtcm", size), MemoryPool("flash"), flash="flash")
    dtcm, flash = place_constants(_USES, memory, {})
    assert (dtcm.name, dtcm.is_flash, dtcm.members) == ("dtcm", False, members)
    assert dtcm.size <= size
    assert (flash.name, flash.is_flash) == ("flash", True)
    assert {*dtcm.members, *flash.members} == {"often", "small", "once"}


def test_what_is_left_stays_in_flash_that_nobody_named() -> None:
    pools = place_constants(_USES, _memory(MemoryPool("dtcm", 1616)), {})
    assert _members(pools) == {"dtcm": ("often", "small"), "flash": ("once",)}
    assert [pool.is_flash for pool in pools] == [False, True]


def test_the_fastest_pool_comes_first_and_else_the_users_order() -> None:
    slow = MemoryPool("qspi", 4096, read_latency=10)
    fast, other = MemoryPool("itcm", 1616), MemoryPool("dtcm", 1616)
    assert _members(place_constants(_USES, _memory(slow, fast, other), {})) == {
        "qspi": (),
        "itcm": ("often", "small"),
        "dtcm": ("once",),
    }
    assert _members(place_constants(_USES, _memory(other, fast), {}))["dtcm"] == ("often", "small")


def test_the_larger_of_those_read_as_often_comes_first() -> None:
    uses = (ConstantUse("a", 48, 480), ConstantUse("b", 64, 640))
    memory = _memory(MemoryPool("dtcm", 96))
    assert _members(place_constants(uses, memory, {})) == {"dtcm": ("b",), "flash": ("a",)}


def test_stall_cycles_are_those_of_bursts() -> None:
    flash = MemoryPool("flash", read_latency=5, burst_bytes=16)
    (placed,) = place_constants(_USES, _memory(flash, flash="flash"), {})
    assert placed.stall_cycles == 162_400 // 16 * 5


def test_a_region_of_the_workspace_gives_what_that_leaves() -> None:
    memory = MemoryOptions(
        (MemoryPool("dtcm", 4096),), (MemoryPool("dtcm"),), shared=(("dtcm", 4096),)
    )
    assert _members(place_constants(_USES, memory, {"dtcm": 2480}))["dtcm"] == ("often", "small")
    assert _members(place_constants(_USES, memory, {"dtcm": 2481}))["dtcm"] == ("often",)
    assert _members(place_constants(_USES, memory, {"dtcm": 4096}))["dtcm"] == ()


def test_flash_that_is_too_small() -> None:
    memory = _memory(MemoryPool("dtcm", 64), MemoryPool("flash", 1600), flash="flash")
    with pytest.raises(PoolError) as caught:
        place_constants(_USES, memory, {})
    assert "constants of 3,216 bytes" in caught.value.found
    assert "dtcm 64, flash 1,600" in caught.value.found
    assert "once (1,600 bytes)" in caught.value.found
    assert caught.value.expected == "1,600 bytes more"


def test_drawn_constants() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        uses = [
            ConstantUse(f"c{index}", size := chance.randrange(1, 500), size * chance.randrange(40))
            for index in range(chance.randrange(30))
        ]
        sizes = [chance.randrange(1, 2000) for _ in range(2)]
        memory = _memory(*(MemoryPool(f"p{index}", size) for index, size in enumerate(sizes)))
        pools = place_constants(uses, memory, {})
        assert sorted(name for pool in pools for name in pool.members) == sorted(
            use.name for use in uses
        )
        assert all(pool.limit is None or pool.size <= pool.limit for pool in pools)
        assert pools == place_constants(uses, memory, {})

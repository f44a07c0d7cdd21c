# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pools that cannot be wrong once they exist, and the cycles that they cost."""

from __future__ import annotations

from typing import Any

import pytest

from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool, ordinary_flash
from microtvm.errors import PoolError


def test_a_pool_of_which_nothing_is_known_keeps_up_with_the_core() -> None:
    pool = MemoryPool("sram")
    options = MemoryOptions((pool,))
    assert pool.holds(2**40)
    assert options.cycles(pool, 400, 100) == 125
    assert options.stall_cycles(pool, 400, 100) == 0


def test_cycles_are_bytes_by_bandwidth_and_bursts_by_latency() -> None:
    pool = MemoryPool(
        "psram",
        read_bandwidth=2,
        write_bandwidth=1,
        read_latency=10,
        write_latency=3,
        burst_bytes=32,
    )
    # 33 bytes are two bursts.
    assert pool.cycles(33, 0) == 33 / 2 + 2 * 10
    assert pool.cycles(0, 32) == 32 + 3
    assert MemoryOptions((pool,)).stall_cycles(pool, 33, 32) == 36.5 + 35 - 65 / 4


def test_a_slower_clock_costs_more_of_the_cores_cycles() -> None:
    slow, fast = MemoryPool("slow", clock_hz=50), MemoryPool("fast", clock_hz=200)
    pools = (slow, fast, MemoryPool("other"))
    without = MemoryOptions(pools)
    # The fastest pool's clock stands for the core's.
    assert [without.cycles(pool, 40, 0) for pool in pools] == [40, 10, 10]
    with_core = MemoryOptions(pools, core_hz=400)
    assert [with_core.cycles(pool, 40, 0) for pool in pools] == [80, 20, 10]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "A",
        "1a",
        "_a",
        "a-b",
        "a b",
        "a.b",
        "a\n",
        "a\0",
        "a" * 33,
        "int",
        "class",
        "io",
        "linux",
    ],
)
def test_names_that_cannot_be_part_of_c(name: str) -> None:
    with pytest.raises(PoolError, match="cannot be the name of a pool"):
        MemoryPool(name)


@pytest.mark.parametrize(
    "field", ["size_bytes", "clock_hz", "read_bandwidth", "write_bandwidth", "burst_bytes"]
)
@pytest.mark.parametrize("value", [0, -1])
def test_values_below_one(field: str, value: int) -> None:
    values: dict[str, Any] = {field: value}
    with pytest.raises(PoolError, match=f"{field} of {value}"):
        MemoryPool("sram", **values)


@pytest.mark.parametrize("field", ["read_latency", "write_latency"])
def test_latencies_below_none(field: str) -> None:
    assert getattr(MemoryPool("sram"), field) == 0
    values: dict[str, Any] = {field: -1}
    with pytest.raises(PoolError, match=f"{field} of -1"):
        MemoryPool("sram", **values)


def test_options_that_contradict_themselves() -> None:
    with pytest.raises(PoolError, match="two pools are named 'a'"):
        MemoryOptions((MemoryPool("a"), MemoryPool("b"), MemoryPool("a")))
    with pytest.raises(PoolError, match="two pools are named 'a'"):
        MemoryOptions(constants=(MemoryPool("a"), MemoryPool("a")))
    with pytest.raises(PoolError, match="no workspace pool"):
        MemoryOptions(())
    with pytest.raises(PoolError, match="'heap'"):
        MemoryOptions(io="heap")
    with pytest.raises(PoolError, match="17 pools"):
        MemoryOptions(tuple(MemoryPool(f"p{index}") for index in range(17)))


def test_the_last_constant_pool_without_a_size_is_flash() -> None:
    dtcm, flash = MemoryPool("dtcm", size_bytes=8), MemoryPool("flash")
    assert ordinary_flash(()) == ""
    assert ordinary_flash((dtcm, flash)) == "flash"
    assert ordinary_flash((flash, dtcm)) == ""
    assert ordinary_flash((dtcm,)) == ""

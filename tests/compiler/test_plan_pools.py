# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Buffers in pools: what is hot in the fast one, what is the caller's apart, and it as text."""

from __future__ import annotations

import pytest

from microtvm.compiler.accesses import Span
from microtvm.compiler.buffer_use import Use
from microtvm.compiler.buffers import Buffer, Overlap
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.compiler.place_constants import ConstantPool
from microtvm.compiler.plan_pools import PoolsPlan, PoolsProblem, plan_pools
from microtvm.compiler.plan_text import plan_text
from microtvm.errors import PoolError

_BUFFERS = (
    Buffer("input", 64, 0, 1),
    Buffer("hidden", 64, 1, 2),
    Buffer("output", 32, 2, 3),
    Buffer("scratch", 48, 1, 1),
)
_USES = (Use(64, 0), Use(640, 64), Use(0, 32), Use(4800, 48))
_SLOW = MemoryPool("sram", read_latency=2)


def _plan(*pools: MemoryPool, outside: tuple[int, ...] = (), io: str = "workspace") -> PoolsPlan:
    memory = MemoryOptions(pools, io=io)
    overlaps = {(0, 1): [Overlap(0, 0)], (1, 2): [Overlap(0)]}
    return plan_pools(PoolsProblem(_BUFFERS, overlaps, _USES, frozenset(outside), memory))


def test_one_pool_has_all_of_them() -> None:
    plan = _plan(MemoryPool("sram"))
    assert (plan.size, plan.pool_of) == (112, (0, 0, 0, 0))
    assert plan.pools[0].use == Use(5504, 144)
    assert plan.touch(Span(0, 0, 64), Span(1, 0, 64))


@pytest.mark.parametrize(
    ("size", "hot"), [(16, set()), (48, {3}), (64, {3}), (111, {3}), (112, {0, 1, 3})]
)
def test_the_hottest_that_fit_are_in_the_fast_pool(size: int, hot: set[int]) -> None:
    """Of those that are read; nothing waits for what is written."""
    plan = _plan(MemoryPool("dtcm", size), _SLOW)
    read = {index for index, use in enumerate(_USES) if use.read}
    assert {index for index in read if plan.pool_of[index] == 0} == hot
    assert plan.pools[0].plan.size <= size
    assert plan.pools[1].stall_cycles == sum(_USES[index].read // 4 * 2 for index in read - hot)


def test_buffers_of_different_pools_do_not_touch() -> None:
    plan = _plan(MemoryPool("dtcm", 48), _SLOW)
    assert plan.offsets[0] == plan.offsets[3] == 0
    assert not plan.touch(Span(0, 0, 64), Span(3, 0, 48))
    assert not plan.touch(Span(0, 0, 64), Span(0, 0, 64))


def test_what_is_the_callers_is_apart_in_a_pool_of_its_own() -> None:
    plan = _plan(MemoryPool("sram"), outside=(0, 2), io="caller")
    assert [(pool.name, pool.kind) for pool in plan.pools] == [("sram", "workspace"), ("io", "io")]
    assert plan.pool_of == (1, 0, 1, 0)
    assert sorted((plan.offsets[0], plan.offsets[2])) in ([0, 32], [0, 64])
    assert (plan.pools[0].plan.size, plan.pools[1].plan.size) == (112, 96)
    assert not plan.touch(Span(0, 0, 64), Span(2, 0, 32))


def test_pools_that_are_too_small() -> None:
    with pytest.raises(PoolError, match=r"do(es)? not fit the workspace pools \(dtcm 48") as caught:
        _plan(MemoryPool("dtcm", 48), MemoryPool("sram", 32))
    assert "dtcm of" in caught.value.expected


def test_the_text_of_one_pool_of_which_nothing_is_known() -> None:
    assert plan_text(_plan(MemoryPool("sram"))).splitlines()[0] == (
        "workspace 112 bytes; no plan is smaller"
    )


def test_the_text_of_several() -> None:
    constants = ConstantPool("itcm", False, ("packed_1",), 32, 64, 320, 0)
    flash = ConstantPool("rom", True, (), 0, None, 0, 0)
    plan = _plan(MemoryPool("dtcm", 64), _SLOW, outside=(0,), io="caller")
    assert plan_text(plan, (constants, flash)) == (
        "pool dtcm 48 of 64 bytes; no plan is smaller; 4,800 bytes read, 80 written,"
        " 0 stall cycles\n"
        "       0       32  layers 2 to 3     output\n"
        "       0       48  layers 1 to 1     scratch\n"
        "pool sram 64 bytes; no plan is smaller; 640 bytes read, 64 written, 320 stall cycles\n"
        "       0       64  layers 1 to 2     hidden\n"
        "io 64 bytes of the caller\n"
        "       0       64  layers 0 to 3     input\n"
        "constants in itcm 32 of 64 bytes; 320 bytes read, 0 stall cycles; packed_1\n"
        "constants in flash 0 bytes; 0 bytes read, 0 stall cycles; none"
    )

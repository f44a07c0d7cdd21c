# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Workspaces of drawn networks in drawn pools: each is proven, keeps to its sizes, and saves."""

from __future__ import annotations

import random

import numpy as np
import pytest

from microtvm.compiler.access_order import element_wise_order
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.memory_pools import MemoryOptions, MemoryPool
from microtvm.compiler.operators import Network, Operator, Reshape, Tensor
from microtvm.compiler.traffic import Traffic
from microtvm.compiler.workspace import LayerNeeds, Workspace, plan_workspace
from microtvm.errors import PoolError


def _network(seed: int) -> Network:
    """Sums, copies and layers without an order over tensors of three sizes."""
    chance = random.Random(seed)
    tensors = [Tensor("t0", (chance.choice((16, 100, 400)),), "int8")]
    operators: list[Operator] = []
    for index in range(1, chance.randrange(2, 16)):
        first = max(0, index - chance.choice((1, 1, 1, 4)))
        kind = chance.randrange(4)
        same = [other for other in range(first) if tensors[other].shape == tensors[first].shape]
        if kind == 0 and same:
            operators.append(Operator((first, chance.choice(same)), index))
        elif kind == 1:
            operators.append(Reshape((first,), index))
        else:
            operators.append(Operator((first,), index))
        size = tensors[first].shape[0]
        shape = (size if kind < 3 else chance.choice((16, 100, 400)),)
        tensors.append(Tensor(f"t{index}", shape, "int8"))
    last = len(tensors) - 1
    outputs = (last,) if chance.random() < 0.6 else (chance.randrange(1, last + 1), last)
    outputs = tuple(dict.fromkeys(outputs))
    return Network(tuple(tensors), (0,), outputs, tuple(operators))


def _needs(network: Network, seed: int) -> list[LayerNeeds]:
    chance = random.Random(seed)
    needs = []
    for operator in network.operators:
        sizes = [network.tensors[index].elements for index in (*operator.inputs, operator.output)]
        in_place = len(set(sizes)) == 1 and chance.random() < 0.7
        overlap = Overlap(0, 0) if in_place else None
        order = element_wise_order(operator, network.tensors, {}) if in_place else None
        scratch = chance.choice((0, 0, 40, 300))
        traffic = Traffic(
            tuple(size * chance.choice((1, 9)) for size in sizes[:-1]),
            sizes[-1],
            scratch * chance.choice((1, 20)),
            scratch,
        )
        overlaps = (overlap,) * len(operator.inputs)
        needs.append(LayerNeeds(operator, scratch, overlaps, lambda order=order: order, traffic))
    return needs


def _stalls(workspace: Workspace) -> int:
    return sum(pool.stall_cycles for pool in workspace.plan.pools)


@pytest.mark.parametrize("io", ["workspace", "caller"])
def test_drawn_networks_in_a_fast_and_a_slow_pool(io: str) -> None:
    slow = MemoryPool("sram", read_latency=2, write_latency=1)
    split = 0
    for seed in range(100):
        network, needs = _network(seed), _needs(_network(seed), seed)
        size = random.Random(seed).randrange(16, 1200)
        memory = MemoryOptions((MemoryPool("dtcm", size), slow), io=io)
        workspace = plan_workspace(network, needs, memory)
        assert workspace.plan.pools[0].plan.size <= size
        alone = plan_workspace(network, needs, MemoryOptions((slow,), io=io))
        assert _stalls(workspace) <= _stalls(alone)
        split += all(pool.plan.size for pool in workspace.plan.pools[:2])
        assert workspace == plan_workspace(network, needs, memory)
    assert split > 30


def test_pools_that_just_hold_them_and_those_that_do_not() -> None:
    for seed in range(60):
        network, needs = _network(seed), _needs(_network(seed), seed)
        size = plan_workspace(network, needs).plan.size
        exact = MemoryOptions((MemoryPool("dtcm", size),))
        assert plan_workspace(network, needs, exact).plan.size == size
        with pytest.raises(PoolError, match="does not fit") as caught:
            plan_workspace(network, needs, MemoryOptions((MemoryPool("dtcm", size - 1),)))
        assert caught.value.hint.endswith(f"dtcm:{size}")


def test_what_is_the_callers_is_in_no_other_pool() -> None:
    for seed in range(60):
        network, needs = _network(seed), _needs(_network(seed), seed)
        workspace = plan_workspace(network, needs, MemoryOptions(io="caller"))
        own = [workspace.places[index] for index in (*network.inputs, *network.outputs)]
        assert {place.pool for place in own} == {1}
        bytes_taken = np.concatenate([np.arange(p.offset, p.offset + p.size) for p in own])
        assert len(set(bytes_taken.tolist())) == len(bytes_taken)
        assert all(place is None or place.pool == 0 for place in workspace.scratch)
        count = len(network.operators)
        assert all(workspace.whole[index] == (0, count) for index in network.inputs)

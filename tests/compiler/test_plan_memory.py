# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Plans of random graphs: valid, no larger than greedy-by-size, no smaller than the lower bound."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from microtvm.compiler.check_plan import check_plan
from microtvm.compiler.plan_memory import ALIGNMENT, Buffer, plan_memory


def _graph(seed: int) -> list[Buffer]:
    """A chain with branches that rejoin, and scratch for some layers."""
    chance = random.Random(seed)
    layers = chance.randrange(1, 40)
    buffers = []
    for layer in range(layers):
        last = min(layers, layer + chance.choice((1, 1, 1, 2, 3, chance.randrange(1, layers + 1))))
        buffers.append(Buffer(f"tensor {layer}", _size(chance), layer, last))
        if chance.random() < 0.2:
            buffers.append(Buffer(f"scratch {layer}", _size(chance), layer, layer))
    chance.shuffle(buffers)
    return buffers


def _size(chance: random.Random) -> int:
    return chance.choice((1, 7, 8, 9, 16, 64, chance.randrange(1, 5000), 2 ** chance.randrange(12)))


def _greedy_by_size(buffers: Sequence[Buffer]) -> int:
    """TFLite's planner: largest first, each in the smallest gap that takes it, else at the end."""
    placed: list[tuple[int, Buffer]] = []
    for buffer in sorted(buffers, key=lambda buffer: (-buffer.size, buffer.first)):
        offset, best, waste = 0, None, None
        for start, other in sorted(placed, key=lambda pair: pair[0]):
            if other.last < buffer.first or buffer.last < other.first:
                continue
            if start - offset >= buffer.size and (waste is None or start - offset < waste):
                best, waste = offset, start - offset
            offset = max(offset, _aligned(start + other.size))
        placed.append((offset if best is None else best, buffer))
    return max(_aligned(offset + buffer.size) for offset, buffer in placed)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def test_500_random_graphs() -> None:
    better = 0
    for seed in range(500):
        buffers = _graph(seed)
        plan = plan_memory(buffers)
        check_plan(plan, ALIGNMENT)
        assert plan.buffers == tuple(buffers)
        greedy = _greedy_by_size(buffers)
        assert plan.lower_bound <= plan.size <= greedy, seed
        better += plan.size < greedy
    # Else the other orders would not be worth their time.
    assert better > 5


def test_lower_bound_is_the_fullest_layer() -> None:
    for seed in range(100):
        buffers = _graph(seed)
        layers = range(max(buffer.last for buffer in buffers) + 1)
        sums = [sum(b.size for b in buffers if b.first <= layer <= b.last) for layer in layers]
        assert plan_memory(buffers).lower_bound == max(sums)


def test_a_chain_takes_the_two_largest_neighbours() -> None:
    sizes = [64, 1024, 256, 512, 16]
    buffers = [Buffer(f"t{i}", size, i, i + 1) for i, size in enumerate(sizes)]
    assert plan_memory(buffers).size == 1024 + 256


def test_buffers_of_one_layer_do_not_share() -> None:
    """The last reader of one and the writer of the other are the same layer."""
    plan = plan_memory([Buffer("a", 8, 0, 3), Buffer("b", 8, 3, 4)])
    assert abs(plan.offsets[0] - plan.offsets[1]) >= 8


def test_buffers_of_different_layers_share() -> None:
    plan = plan_memory([Buffer("a", 100, 0, 2), Buffer("b", 100, 3, 4)])
    assert plan.offsets == (0, 0)


def test_nothing_to_place() -> None:
    plan = plan_memory([])
    assert (plan.size, plan.lower_bound, plan.offsets) == (0, 0, ())


@pytest.mark.parametrize("size", [1, ALIGNMENT - 1, ALIGNMENT, ALIGNMENT + 1])
def test_sizes_around_the_alignment(size: int) -> None:
    plan = plan_memory([Buffer(name, size, 1, 1) for name in "abc"])
    check_plan(plan, ALIGNMENT)
    assert plan.size == 3 * _aligned(size)


def test_the_same_buffers_get_the_same_plan() -> None:
    for seed in range(20):
        assert plan_memory(_graph(seed)) == plan_memory(_graph(seed))

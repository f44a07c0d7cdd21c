# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Plans of random graphs: valid, no larger than greedy-by-size, no smaller than the lower bound."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import pytest

from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlap, Overlaps, Pair
from microtvm.compiler.plan_memory import Plan, plan_memory


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


def _overlaps(buffers: Sequence[Buffer], seed: int) -> Overlaps:
    """For half of the pairs of which one ends where the other one begins."""
    chance = random.Random(seed)
    found: dict[Pair, tuple[Overlap, ...]] = {}
    for source, output in itertools.permutations(range(len(buffers)), 2):
        one, other = buffers[source], buffers[output]
        if one.first < one.last == other.first < other.last and chance.random() < 0.5:
            least = chance.choice((0, 0, -one.size, chance.randrange(-one.size, other.size + 1)))
            most = chance.choice((None, None, least, least + 64))
            found[source, output] = (Overlap(least, most),)
    return found


def _assert_valid(plan: Plan, overlaps: Overlaps) -> None:
    placed = list(zip(plan.buffers, plan.offsets, strict=True))
    for buffer, offset in placed:
        assert offset % ALIGNMENT == 0
        assert 0 <= offset <= plan.size - buffer.size
    for i, j in itertools.permutations(range(len(placed)), 2):
        (one, start), (other, begin) = placed[i], placed[j]
        together = one.first <= other.last and other.first <= one.last
        if together and start < begin + other.size and begin < start + one.size:
            allowed = [
                (sign * (start - begin), overlaps[pair][0])
                for sign, pair in ((1, (i, j)), (-1, (j, i)))
                if pair in overlaps
            ]
            assert allowed, (one, start, other, begin)
            ((distance, overlap),) = allowed
            assert distance >= overlap.least
            assert overlap.most is None or distance <= overlap.most


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
    better, optimal = 0, 0
    for seed in range(500):
        buffers = _graph(seed)
        plan = plan_memory(buffers)
        _assert_valid(plan, {})
        assert plan.buffers == tuple(buffers)
        greedy = _greedy_by_size(buffers)
        assert plan.lower_bound <= plan.size <= greedy, seed
        better += plan.size < greedy
        optimal += plan.size == plan.lower_bound
    # Else the search would not be worth its time.
    assert better > 10
    assert optimal > 490


def test_random_graphs_with_overlaps() -> None:
    smaller, optimal = 0, 0
    for seed in range(200):
        buffers = _graph(seed)
        overlaps = _overlaps(buffers, seed)
        plan = plan_memory(buffers, overlaps)
        _assert_valid(plan, overlaps)
        apart = plan_memory(buffers).size
        assert plan.lower_bound <= plan.size <= apart
        smaller += plan.size < apart
        optimal += plan.size == plan.lower_bound
    assert smaller > 30
    assert optimal > 180


def test_the_bound_is_the_fullest_layer_at_least() -> None:
    for seed in range(100):
        buffers = _graph(seed)
        layers = range(max(buffer.last for buffer in buffers) + 1)
        sums = [
            sum(_aligned(b.size) for b in buffers if b.first <= layer <= b.last) for layer in layers
        ]
        assert plan_memory(buffers).lower_bound >= max(sums)


def test_few_buffers_are_placed_as_well_as_can_be() -> None:
    """Compared with every order of first fit, which has an optimal one where nothing overlaps."""
    for seed in range(40):
        chance = random.Random(seed)
        buffers = []
        for index in range(5):
            first = chance.randrange(6)
            last = min(6, first + chance.randrange(4))
            buffers.append(Buffer(f"b{index}", chance.randrange(1, 9) * ALIGNMENT, first, last))
        plan = plan_memory(buffers)
        assert plan.size == plan.lower_bound == min(map(_fit, itertools.permutations(buffers)))


def _fit(order: Sequence[Buffer]) -> int:
    placed: list[tuple[int, Buffer]] = []
    for buffer in order:
        offset = 0
        for start, other in sorted(placed, key=lambda pair: pair[0]):
            if buffer.meets(other) and start < offset + buffer.size:
                offset = max(offset, start + other.size)
        placed.append((offset, buffer))
    return max(offset + buffer.size for offset, buffer in placed)


def test_a_chain_takes_the_two_largest_neighbours() -> None:
    sizes = [64, 1024, 256, 512, 16]
    buffers = [Buffer(f"t{i}", size, i, i + 1) for i, size in enumerate(sizes)]
    assert plan_memory(buffers).size == 1024 + 256


def test_a_chain_in_place_takes_the_largest() -> None:
    sizes = [64, 1024, 256, 512, 16]
    buffers = [Buffer(f"t{i}", size, i, i + 1) for i, size in enumerate(sizes)]
    overlaps = {(i, i + 1): (Overlap(0, 0),) for i in range(len(sizes) - 1)}
    plan = plan_memory(buffers, overlaps)
    assert plan.size == plan.lower_bound == 1024
    assert len(set(plan.offsets)) == 1


@pytest.mark.parametrize(("least", "size"), [(0, 64), (1, 80), (16, 80), (33, 112), (64, 128)])
def test_an_output_keeps_its_distance_to_the_input(least: int, size: int) -> None:
    """Both of 64 bytes: the input lies at least so far behind the output."""
    buffers = [Buffer("input", 64, 0, 1), Buffer("output", 64, 1, 2)]
    plan = plan_memory(buffers, {(0, 1): (Overlap(least),)})
    assert plan.size == plan.lower_bound == size


def test_an_input_at_the_end_of_its_output() -> None:
    buffers = [Buffer("input", 64, 0, 1), Buffer("output", 256, 1, 2)]
    plan = plan_memory(buffers, {(0, 1): (Overlap(180),)})
    assert (plan.size, plan.offsets) == (256, (192, 0))


def test_two_inputs_stay_apart_from_each_other() -> None:
    buffers = [Buffer("a", 64, 0, 1), Buffer("b", 64, 0, 1), Buffer("sum", 64, 1, 2)]
    plan = plan_memory(buffers, {(0, 2): (Overlap(0),), (1, 2): (Overlap(0),)})
    assert plan.size == plan.lower_bound == 128


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
    _assert_valid(plan, {})
    assert plan.size == 3 * _aligned(size)


def test_the_same_buffers_get_the_same_plan() -> None:
    for seed in range(20):
        buffers = _graph(seed)
        overlaps = _overlaps(buffers, seed)
        assert plan_memory(buffers, overlaps) == plan_memory(_graph(seed), overlaps)

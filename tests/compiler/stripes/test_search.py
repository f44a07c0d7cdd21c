# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Paths through random options, compared with every path that there is."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import cast

import pytest

from microtvm.compiler.operators import Network, Operator
from microtvm.compiler.stripes.options import Option, Options
from microtvm.compiler.stripes.search import best_paths, cheapest_path, default_path, smallest_path
from microtvm.compiler.stripes.striping import Chain


class _Options:
    """Layers with some ways to run each, and chains; anything but the default takes more cycles."""

    def __init__(self, seed: int, most: float = math.inf) -> None:
        chance = random.Random(seed)
        layers = range(1, chance.randrange(2, 7))
        self.network = Network((), (), (), tuple(Operator((), 0) for _ in layers))
        self._defaults = {
            layer: Option(
                layer, layer, 16 * chance.randrange(1, 40), chance.randrange(9, 99), None, (), True
            )
            for layer in layers
        }
        self._others = {
            layer: [self._slower(chance, layer, layer) for _ in range(chance.randrange(3))]
            for layer in layers
        }
        self._chains = [
            self._slower(chance, first, last)
            for first, last in itertools.combinations(layers, 2)
            for _ in range(chance.randrange(3))
        ]
        self.cycles = sum(option.cycles for option in self._defaults.values())
        self.most_cycles = self.cycles * (1 + most)

    def _slower(self, chance: random.Random, first: int, last: int) -> Option:
        own = [self._defaults[layer] for layer in range(first, last + 1)]
        size = 16 * chance.randrange(1, max(option.size for option in own) // 16 + 1)
        cycles = sum(option.cycles for option in own) + chance.randrange(40)
        chain = Chain(first, last, 1) if last > first else None
        return Option(first, last, size, cycles, chain, ())

    def default(self, layer: int) -> Option:
        return self._defaults[layer]

    def others(self, layer: int) -> list[Option]:
        return self._others[layer]

    def chains(self, layer: int) -> list[Option]:
        return [option for option in self._chains if option.first <= layer <= option.last]

    def paths(self, first: int = 1) -> Iterator[list[Option]]:
        """All that there are."""
        if first > len(self.network.operators):
            yield []
            return
        chains = [option for option in self._chains if option.first == first]
        for step in (self._defaults[first], *self._others[first], *chains):
            for rest in self.paths(step.last + 1):
                yield [step, *rest]

    def affordable(self) -> list[tuple[int, int]]:
        """Size and cycles of all paths whose cycles may be paid."""
        sums = [_sums(path) for path in self.paths()]
        return [(size, cycles) for size, cycles in sums if cycles <= self.most_cycles]


def _sums(path: Sequence[Option]) -> tuple[int, int]:
    return max(step.size for step in path), sum(step.cycles for step in path)


def _made(seed: int, most: float = math.inf) -> tuple[_Options, Options]:
    own = _Options(seed, most)
    return own, cast("Options", own)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("most", [math.inf, 0.2])
def test_paths_are_as_good_as_any(seed: int, most: float) -> None:
    own, options = _made(seed, most)
    every = own.affordable()
    smallest = smallest_path(options)
    assert (smallest.size, smallest.cycles) == min(every)
    for size in sorted({size for size, _ in every}):
        path = cheapest_path(options, size)
        assert path is not None
        assert path.size <= size
        assert path.cycles == min(cycles for other, cycles in every if other <= size)
    assert cheapest_path(options, min(every)[0] - 1) is None


@pytest.mark.parametrize("seed", range(60))
def test_the_best_path_weighs_bytes_more_than_cycles(seed: int) -> None:
    own, options = _made(seed, 0.25)
    path = best_paths(options)[0]
    least = min(size**1.5 * cycles for size, cycles in own.affordable())
    assert path.size**1.5 * path.cycles == pytest.approx(least)


def test_the_default_is_taken_where_it_is_as_good() -> None:
    own, options = _made(3)
    assert default_path(options).is_default
    path = cheapest_path(options, max(size for size, _ in own.affordable()))
    assert path is not None
    assert path.is_default

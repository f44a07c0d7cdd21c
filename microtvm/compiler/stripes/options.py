# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The ways in which some layers of a network can run: whole or in stripes, by which schedules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.accesses import find_accesses
from microtvm.compiler.choice import Choice
from microtvm.compiler.operators import Network
from microtvm.compiler.stripes.estimate import Estimator, cycles_of
from microtvm.compiler.stripes.segment import segment
from microtvm.compiler.stripes.striping import Chain, is_chain, striped

# Longer chains compute more rows twice than they save.
_MOST_LAYERS = 6
# Of the schedules with less scratch, by how much one may be slower than the layer's fastest.
_SLOWER = (1.25, 100.0)


@dataclass(frozen=True, eq=False)
class Option:
    """One way to run some layers.

    Attributes:
        first, last: the layers, counted from 1.
        size: bytes of workspace that they need, with all that must be kept meanwhile.
        cycles: estimated.
        chain: None where they run whole.
        choices: one an operator, stripe after stripe.
        is_default: whether they run as was chosen.
    """

    first: int
    last: int
    size: int
    cycles: int
    chain: Chain | None
    choices: tuple[Choice, ...]
    is_default: bool = False


class Options:
    """Of one network; each is found once, when it is asked for."""

    def __init__(self, network: Network, estimator: Estimator, most: float = math.inf) -> None:
        """
        Args:
            most: of the cycles of all layers as they were chosen, what may be paid beyond them.
        """
        self.network = network
        self._accesses = find_accesses(network, estimator.callers)
        self._estimator = estimator
        self._chosen = estimator.choices(network)
        self.most_cycles = self.cycles + most * max(1, self.cycles)
        self._defaults: dict[int, Option] = {}
        self._others: dict[int, list[Option]] = {}
        self._chains: dict[tuple[int, int], list[Option]] = {}

    @property
    def cycles(self) -> int:
        """Of all layers as they were chosen."""
        return cycles_of(self._chosen)

    def default(self, layer: int) -> Option:
        """As its schedule was chosen."""
        if layer not in self._defaults:
            whole = self._whole(layer, self._chosen[layer - 1])
            self._defaults[layer] = replace(whole, is_default=True)
        return self._defaults[layer]

    def others(self, layer: int) -> list[Option]:
        """By each other schedule."""
        if layer not in self._others:
            choice = self._chosen[layer - 1]
            self._others[layer] = [
                self._whole(layer, choice.taking(other)) for other in choice.others
            ]
        return self._others[layer]

    def chains(self, layer: int) -> Iterator[Option]:
        """Chains through a layer, as far as their cycles may be paid."""
        count = len(self.network.operators)
        for first in range(max(1, layer - _MOST_LAYERS + 1), layer + 1):
            for last in range(layer, min(count, first + _MOST_LAYERS - 1) + 1):
                yield from self.stripes(first, last)

    def stripes(self, first: int, last: int) -> Sequence[Option]:
        """Some layers in stripes of all heights, where that needs less than one of them alone."""
        if (first, last) not in self._chains:
            self._chains[first, last] = list(self._striped(first, last))
        return self._chains[first, last]

    def size_of(self, steps: Sequence[Option], most: int | None = None) -> int | None:
        """Bytes of workspace for steps one after another; None where `most` are too few.

        Of a chain, the first and the last two stripes count: from stripe to stripe the rows that
        are still to be read become fewer and those that were written more, by as much each time.
        """
        first, last = steps[0].first, steps[-1].last
        part = segment(self.network, self._accesses, self._estimator.callers, first, last)
        chains = [step.chain.moved(1 - first) for step in steps if step.chain is not None]
        network = striped(part, chains)
        assert network is not None
        kept, start = [], 0
        for step in steps:
            ends = 2 * (step.last - step.first + 1)
            layers = range(len(step.choices))
            kept += [start + i for i in layers if min(i, layers[-1] - i) < ends]
            start += len(layers)
        choices = [choice for step in steps for choice in step.choices]
        sample = replace(network, operators=tuple(network.operators[i] for i in kept))
        return self._estimator.size(sample, [choices[i] for i in kept], most)

    def _whole(self, layer: int, choice: Choice) -> Option:
        option = Option(layer, layer, 0, cycles_of([choice]), None, (choice,))
        size = self.size_of([option])
        assert size is not None
        return replace(option, size=size)

    def _striped(self, first: int, last: int) -> Iterator[Option]:
        if not is_chain(self.network, first, last):
            return
        part = segment(self.network, self._accesses, self._estimator.callers, first, last)
        limit = self.most_cycles - self.cycles + cycles_of(self._chosen[first - 1 : last])
        largest = max(self.default(layer).size for layer in range(first, last + 1))
        for height in _heights(self.network.tensors[part.operators[-1].output].shape[1]):
            network = striped(part, [Chain(1, last - first + 1, height)])
            if network is None:
                continue
            for choices in self._ways(network):
                chain = Chain(first, last, height)
                option = Option(first, last, 0, cycles_of(choices), chain, tuple(choices))
                if option.cycles <= limit:
                    size = self.size_of([option], largest - 1)
                    if size is not None and size < largest:
                        yield replace(option, size=size)

    def _ways(self, network: Network) -> Iterator[Sequence[Choice]]:
        """The schedules as chosen, and with less scratch."""
        ways = [self._estimator.choices(network)]
        ways += [self._estimator.least_scratch(network, slower) for slower in _SLOWER]
        seen = []
        for way in ways:
            taken = [str(choice.taken) for choice in way]
            if taken not in seen:
                seen.append(taken)
                yield way


def _heights(rows: int) -> list[int]:
    """The most rows of a stripe for each number of stripes, from two on."""
    return sorted({-(-rows // count) for count in range(2, rows + 1)}, reverse=True)

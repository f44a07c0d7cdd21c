# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a network fit into memory: which layers run in stripes, and how each is computed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from microtvm.compiler.buffers import ALIGNMENT
from microtvm.compiler.choice import Choice, Choose
from microtvm.compiler.macs import macs
from microtvm.compiler.operators import Network
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.spare_memory import ALLOWANCES, Allowance
from microtvm.compiler.stripes.estimate import Estimator
from microtvm.compiler.stripes.options import Options
from microtvm.compiler.stripes.search import (
    Path,
    best_paths,
    cheapest_path,
    settled,
    smallest_path,
    weight,
)
from microtvm.compiler.stripes.striping import Chain, striped
from microtvm.compiler.workspace import callers_tensors
from microtvm.errors import MemoryBudgetError

# Paths of which a plan is made, since that can need more than its steps.
_LIKELY = 6


@dataclass(frozen=True)
class StripedChain:
    """Layers that run in stripes, and what that costs.

    Attributes:
        first, last: the layers, counted from 1, in which they run.
        operators: of one stripe, as the layer list shows them.
        height: rows of the chain's output in a stripe, but for the last, which may have fewer.
        stripes: how many.
        recomputed_macs: of rows that more than one stripe needs.
        recomputed_share: the same as a share of what the chain takes in one piece.
    """

    first: int
    last: int
    operators: tuple[str, ...]
    height: int
    stripes: int
    recomputed_macs: int
    recomputed_share: float


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network as it is to be made.

    Attributes:
        choices: one an operator.
        allowance: what cycles may still be paid for fewer bytes, until there are `enough`.
    """

    network: Network
    choices: Sequence[Choice]
    chains: tuple[StripedChain, ...]
    allowance: Allowance
    enough: int


def fit_memory(network: Network, options: CompileOptions, choose: Choose) -> Fitted:
    """Leaves a network as it is, unless a budget or `optimize` asks for less memory.

    With a budget, what takes the fewest cycles and fits. With `optimize` "ram", what saves the most
    bytes for its cycles, of what the allowance pays.

    Raises:
        MemoryBudgetError: nothing fits; the smallest budget for which something does is named.
    """
    allowance = ALLOWANCES[options.optimize]
    callers = callers_tensors(network, options.memory.io)
    estimator = Estimator(options, choose, callers)
    if options.ram_budget is None and options.optimize == "speed":
        return Fitted(network, estimator.choices(network), (), allowance, 0)
    most = math.inf if options.ram_budget is not None else allowance.cycles
    found = Options(network, estimator, most)
    fitter = _Fitter(found, estimator)
    if options.ram_budget is None:
        path = fitter.best()
        # Whole layers may pay all that is allowed: their bytes take no more layers and no flash.
        enough = path.size if any(step.chain for step in path.steps) else 0
    else:
        path, enough = fitter.within(options.ram_budget), options.ram_budget
    if path.is_default and enough:
        return Fitted(network, estimator.choices(network), (), ALLOWANCES["speed"], 0)
    left = max(0.0, allowance.cycles - (path.cycles / max(1, found.cycles) - 1))
    return Fitted(
        fitter.network(path),
        [choice for step in path.steps for choice in step.choices],
        tuple(_report(network, path)),
        Allowance(left, allowance.any_schedule),
        enough,
    )


class _Fitter:
    """Tries paths as whole networks."""

    def __init__(self, options: Options, estimator: Estimator) -> None:
        self._options = options
        self._estimator = estimator

    def network(self, path: Path) -> Network:
        chains = [step.chain for step in path.steps if step.chain is not None]
        network = striped(self._options.network, chains)
        assert network is not None
        return network

    def planned(self, path: Path) -> int:
        """Bytes of the workspace, by a plan."""
        choices = [choice for step in path.steps for choice in step.choices]
        return self._estimator.planned(self.network(path), choices)

    def best(self) -> Path:
        """The path for which bytes and cycles are the least, by the plans of the likeliest."""
        likely = best_paths(self._options)[:_LIKELY]
        paths = [settled(self._options, path, path.size) for path in likely]
        return min(paths, key=lambda path: weight(self.planned(path), path.cycles))

    def within(self, budget: int) -> Path:
        """The cheapest path whose plan keeps to a budget."""
        size = budget
        while (path := cheapest_path(self._options, size)) is not None:
            path = settled(self._options, path, budget)
            beyond = self.planned(path) - budget
            if beyond <= 0:
                return path
            size = min(size, path.size) - max(ALIGNMENT, beyond)
        path = smallest_path(self._options)
        path = settled(self._options, path, path.size)
        if (least := self.planned(path)) <= budget:
            return path
        raise MemoryBudgetError(
            f"the model does not fit into {budget:,} bytes of workspace",
            expected=f"a RAM budget of {least:,} bytes at least",
            hint=f"--ram-budget {least}",
        )


def _report(network: Network, path: Path) -> list[StripedChain]:
    chains, number = [], 1
    for step in path.steps:
        count = len(step.choices)
        if step.chain is not None:
            chains.append(_chain(network, step.chain, number, count))
        number += count
    return chains


def _chain(network: Network, chain: Chain, number: int, count: int) -> StripedChain:
    own = network.operators[chain.first - 1 : chain.last]
    whole = sum(macs(operator, network.tensors) for operator in own)
    alone = striped(network, [chain])
    assert alone is not None
    first = chain.first - 1
    done = sum(macs(operator, alone.tensors) for operator in alone.operators[first : first + count])
    return StripedChain(
        first=number,
        last=number + count - 1,
        operators=tuple(operator.kind for operator in own),
        height=chain.height,
        stripes=count // len(own),
        recomputed_macs=done - whole,
        recomputed_share=(done - whole) / whole if whole else 0.0,
    )

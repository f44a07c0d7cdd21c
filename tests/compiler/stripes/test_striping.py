# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Random chains in stripes of random heights, run here: each stripe is LiteRT's, bit for bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from support.chains import chain_model, compile_striped, folded
from support.choices import choose_kernel, choose_plain
from support.draws import Draws
from support.host_model import HostModel, build_library, differences, stripe_differences

from microtvm.compiler import CompiledModel, CompileOptions
from microtvm.compiler.memory_pools import MemoryOptions
from microtvm.compiler.operators import Network
from microtvm.compiler.stripes.striping import Chain, is_chain, striped
from microtvm.validate.reference import ReferenceModel

_CASES = 20


def _chains(network: Network) -> list[Chain]:
    """All that run in two stripes at least, whose parts begin at words; the longest come last."""
    tensors, layers = network.tensors, range(1, len(network.operators) + 1)
    chains = [
        Chain(first, last, height)
        for first, last in itertools.product(layers, layers)
        if first <= last and is_chain(network, first, last)
        for height in range(1, tensors[network.operators[last - 1].output].shape[1])
    ]
    chains = [chain for chain in chains if striped(network, [chain]) is not None]
    return sorted(chains, key=lambda chain: chain.last - chain.first)


def _compiled() -> Iterator[tuple[int, CompiledModel]]:
    """The models of the first seeds that have a chain, with half of the longer ones in stripes."""
    for seed in itertools.count():
        network = folded(chain_model(seed))
        chains = _chains(network)
        if chains:
            chain = Draws(seed).one_of(chains[len(chains) // 2 :])
            weights = ("int8", "auto")[seed % 2]
            memory = MemoryOptions(io="caller" if seed % 3 == 1 else "workspace")
            options = CompileOptions(module_name=f"chain_{seed}", weights=weights, memory=memory)
            choose = choose_plain if seed % 5 == 0 else choose_kernel
            yield seed, compile_striped(network, [chain], options, choose)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, HostModel]]:
    """With the seeds of their models."""
    compiled = dict(itertools.islice(_compiled(), _CASES))
    library = build_library(list(compiled.values()), tmp_path_factory.mktemp("chains"))
    return [(seed, HostModel(model, library)) for seed, model in compiled.items()]


@pytest.mark.parametrize("case", range(_CASES))
@pytest.mark.parametrize("poison", [0xA5, 0x7F])
def test_stripes_are_bit_exact(hosts: list[tuple[int, HostModel]], case: int, poison: int) -> None:
    seed, host = hosts[case]
    reference = ReferenceModel(chain_model(seed))
    host.workspace[:] = poison
    chance = np.random.default_rng(seed)
    for _ in range(2):
        inputs = [chance.integers(-128, 128, reference.inputs[0].shape, dtype=np.int8)]
        expected = reference.run(inputs)
        results = host.run(inputs)
        assert host.stripes
        assert stripe_differences(host, expected) == []
        assert differences(host.compiled, results, expected) == []
        assert np.array_equal(host.outputs()[0], expected[reference.outputs[0].index])
    used = np.zeros(host.workspace.size, np.bool_)
    for start, pool in zip(host.starts, host.compiled.program.pools, strict=True):
        used[start : start + pool.size] = True
    assert (host.workspace[~used] == poison).all()

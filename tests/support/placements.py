# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Single layers run with their output at a given distance from an input, in memory of poison."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler import CompiledModel, CompileOptions, compile_network
from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.build_program import own_outputs
from microtvm.compiler.choice import Choose
from microtvm.compiler.fold_qdq import fold_qdq
from microtvm.compiler.importer import import_tflite
from microtvm.compiler.operators import Network, Tensor
from microtvm.compiler.schedule import schedule_layer
from support.host_model import build_library

Array = npt.NDArray[Any]
_GUARD = 64  # bytes of poison between, before and behind what a layer uses


@dataclass(frozen=True, eq=False)
class OneLayer:
    """A network of one operator.

    Attributes:
        overlaps, order: as its schedule states them.
    """

    network: Network
    choose: Choose
    schedule: str
    overlaps: Sequence[Overlap | None]
    order: AccessOrder | None

    @classmethod
    def of(cls, model: bytes, choose: Choose) -> OneLayer:
        """The model's only operator."""
        folded, unmatched = fold_qdq(import_tflite(model))
        assert not unmatched
        network = own_outputs(folded)
        (operator,) = network.operators
        choice = choose(operator, network.tensors, CompileOptions())
        layer = schedule_layer(operator, network.tensors, choice)
        return cls(network, choose, choice.taken.schedule, layer.overlaps, layer.order())

    @property
    def inputs(self) -> list[Tensor]:
        return [self.network.tensors[index] for index in self.network.inputs]

    @property
    def output(self) -> Tensor:
        return self.network.tensors[self.network.outputs[0]]

    def compiled(self, name: str) -> CompiledModel:
        options = CompileOptions(module_name=name, simplify=False)
        return compile_network(self.network, options, choose=self.choose)


class PlacedLayers:
    """The C of layers, by their names, in one library."""

    def __init__(self, layers: Mapping[str, OneLayer], folder: Path) -> None:
        self._layers = layers
        self._modules = {name: f"case_{number}" for number, name in enumerate(layers)}
        self._compiled = {
            name: layer.compiled(self._modules[name]) for name, layer in layers.items()
        }
        library = build_library(list(self._compiled.values()), folder)
        self._library = ctypes.CDLL(str(library))

    def run(
        self, name: str, position: int, distance: int, values: Sequence[Array], poison: int
    ) -> tuple[Array, Array]:
        """Runs a layer on inputs of the caller, of which one lies at a distance from the output.

        Args:
            position: of that input. distance: its address less the output's, in bytes.

        Returns:
            The output, and the bytes around that belong to no tensor.
        """
        layer = self._layers[name]
        sizes = [tensor.size_bytes for tensor in layer.inputs]
        size = layer.output.size_bytes
        places = {position: _GUARD + max(0, distance)}
        output = _GUARD + max(0, -distance)
        end = max(output + size, places[position] + sizes[position])
        for other in set(range(len(sizes))) - {position}:
            places[other] = _aligned(end) + _GUARD
            end = places[other] + sizes[other]
        memory = _aligned_bytes(end + _GUARD, poison)
        pools = [_aligned_bytes(pool.size, poison) for pool in self._compiled[name].program.pools]
        for index, value in enumerate(values):
            memory[places[index] :][: sizes[index]] = value.reshape(-1).view(np.uint8)
        start = memory.ctypes.data
        self._call(name, [start + places[i] for i in range(len(sizes))], start + output, pools)
        used = np.zeros(memory.size, bool)
        used[output:][:size] = True
        for index, place in places.items():
            used[place:][: sizes[index]] = True
        result = memory[output:][:size].view(np.dtype(layer.output.dtype))
        return result.reshape(layer.output.shape).copy(), memory[~used]

    def _call(self, name: str, inputs: Sequence[int], output: int, pools: Sequence[Array]) -> None:
        run = getattr(self._library, f"tvmgen_{self._modules[name]}_run")
        tables = (inputs, [output], [pool.ctypes.data for pool in pools])
        assert run(*((ctypes.c_void_p * len(table))(*table) for table in tables)) == 0


def random_inputs(layer: OneLayer, seed: int) -> list[Array]:
    """Any integers, or float32 around 0."""
    chance = np.random.default_rng(seed)
    return [_random(chance, tensor) for tensor in layer.inputs]


def _random(chance: np.random.Generator, tensor: Tensor) -> Array:
    if tensor.dtype == "float32":
        return chance.normal(0, 2, tensor.shape).astype(np.float32)
    limits = np.iinfo(tensor.dtype)
    return chance.integers(limits.min, limits.max + 1, tensor.shape, dtype=tensor.dtype)


def _aligned(size: int) -> int:
    return -(-size // 16) * 16


def _aligned_bytes(size: int, value: int) -> Array:
    """An array at a multiple of 16."""
    memory = np.full(size + 16, value, np.uint8)
    return memory[-memory.ctypes.data % 16 :][:size]

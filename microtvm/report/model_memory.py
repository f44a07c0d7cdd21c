# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What a model takes of flash and RAM before it is built, beside what a board has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microtvm_project.memory_use import MemoryUse, Part, check_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from microtvm_project.boards import Board

    from microtvm.session.memory_plan import PoolInfo
    from microtvm.session.metadata import ModelMetadata

_CODE = Part("code, known when it is built", None)


def model_memory(model: ModelMetadata, board: Board | None = None) -> tuple[MemoryUse, ...]:
    """The memories with what the model has in each; without a board they are flash and RAM.

    The code is a part of unknown size: a compiler for the core has not seen it yet.
    """
    if board is None:
        constants = Part("constants", model.memory.constant_bytes)
        return (
            MemoryUse("flash", "flash", None, (constants, _CODE)),
            MemoryUse("RAM", "ram", None, (*_pools(model), _stack(model))),
        )
    parts = _placed(model, board)
    return tuple(
        MemoryUse(region.name, region.kind, region.size, tuple(parts[region.name]))
        for region in board.memory
    )


def check_model_fits(model: ModelMetadata, board: Board) -> None:
    """Refuses a model that a board has no room for, whatever its firmware adds.

    Raises:
        CapacityError: with the numbers.
    """
    hint = "--optimize ram for less RAM, --weights int8 for less flash, or a larger board"
    check_room(model_memory(model, board), "The model", board.name, hint)


def _placed(model: ModelMetadata, board: Board) -> Mapping[str, list[Part]]:
    """The parts by the region that they go to, in the order in which they are shown."""
    parts: dict[str, list[Part]] = {region.name: [] for region in board.memory}
    stored = model.memory.constant_bytes
    for pool in model.memory.constant_pools:
        region = board.region_of_pool(pool.name)
        if region is not None:
            parts[region.name].append(Part(f"constants in {pool.name}", pool.size_bytes))
            # What start-up copies to RAM is stored in flash as well.
            stored -= pool.size_bytes if region.kind == "flash" else 0
    for main in board.regions("flash")[:1]:
        parts[main.name][:0] = [Part("constants", stored), _CODE]
    for index, part in enumerate(_pools(model)):
        # A pool that is no region of the board may be mapped to any when a project is created.
        home = board.region_of_pool(model.pools[index].name) or board.regions("ram")[0]
        parts[home.name].append(part)
    parts[board.regions("ram")[0].name].append(_stack(model))
    return parts


def _stack(model: ModelMetadata) -> Part:
    title = "stack of an inference, estimated"
    return Part(title, model.memory.stack_bytes, is_estimate=True)


def _pools(model: ModelMetadata) -> tuple[Part, ...]:
    return tuple(
        Part(f"pool {pool.name}{_owner(pool)}", pool.size_bytes, _inside(model, index))
        for index, pool in enumerate(model.pools)
    )


def _owner(pool: PoolInfo) -> str:
    return ", the caller's" if pool.kind == "io" else ""


def _inside(model: ModelMetadata, index: int) -> tuple[Part, ...]:
    """Of a pool's bytes, those of inputs and outputs, and the scratch of the layer with most."""
    sizes = {
        "inputs": _sum_of(model, model.inputs, index),
        "outputs": _sum_of(model, model.outputs, index),
        "scratch, at most": max(
            (
                layer.scratch.size_bytes
                for layer in model.layers
                if layer.scratch and layer.scratch.pool == index
            ),
            default=0,
        ),
    }
    return tuple(Part(f"in it {name}", size) for name, size in sizes.items() if size)


def _sum_of(model: ModelMetadata, indices: Iterable[int], pool: int) -> int:
    tensors = (model.tensors[index] for index in indices)
    return sum(tensor.size_bytes for tensor in tensors if tensor.pool == pool)

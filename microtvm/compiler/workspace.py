# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places a network's tensors and its layers' scratch in one workspace, and proves the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlap, Pair
from microtvm.compiler.check_plan import LayerMemory, Place, WorkspacePlan, check_plan
from microtvm.compiler.offset_problem import needed_bytes
from microtvm.compiler.operators import Network, Operator, Reshape
from microtvm.compiler.plan_memory import Plan, plan_memory


@dataclass(frozen=True)
class LayerNeeds:
    """What a layer needs besides its inputs and output.

    Attributes:
        scratch_bytes: 0 where it has no scratch.
        overlaps: how its output may share bytes with each input.
        order: when it reads each byte of its inputs and writes its output.
    """

    operator: Operator
    scratch_bytes: int
    overlaps: Sequence[Overlap | None]
    order: Callable[[], AccessOrder | None]


@dataclass(frozen=True)
class Workspace:
    """Where everything is.

    Attributes:
        offsets: bytes, by tensor.
        whole: by tensor, the first and the last layer after which its bytes are whole.
        scratch: bytes, an offset a layer, None where it needs none.
        idle: layers that have nothing to do, since their output is where their input is.
    """

    plan: Plan
    offsets: Mapping[int, int]
    whole: Mapping[int, tuple[int, int]]
    scratch: tuple[int | None, ...]
    idle: frozenset[int]


def plan_workspace(network: Network, needs: Sequence[LayerNeeds]) -> Workspace:
    """Plans, and proves what was planned.

    Raises:
        BrokenPlanError: the planner or a schedule is at fault.
    """
    parts = _parts(network, needs)
    plan = plan_memory(parts.buffers, parts.overlaps)
    scratch = {layer: plan.offsets[index] for layer, index in parts.scratch.items()}
    workspace = Workspace(
        plan=plan,
        offsets={tensor: plan.offsets[buffer] for tensor, buffer in parts.of_tensor.items()},
        whole=_whole(network, plan, parts),
        scratch=tuple(scratch.get(number) for number in range(1, len(needs) + 1)),
        idle=_idle(network, parts.of_tensor),
    )
    _prove(network, needs, workspace)
    return workspace


def bytes_of_layers(network: Network, needs: Sequence[LayerNeeds]) -> list[int]:
    """The least workspace in which each layer can run."""
    parts = _parts(network, needs)
    layers = range(1, len(needs) + 1)
    return [needed_bytes(number, parts.buffers, parts.overlaps) for number in layers]


def planned_bytes(network: Network, needs: Sequence[LayerNeeds]) -> int:
    """The workspace in which all of them can run, one after the other."""
    parts = _parts(network, needs)
    return plan_memory(parts.buffers, parts.overlaps).size


@dataclass(frozen=True)
class _Parts:
    """What is placed.

    Attributes:
        lives: for each tensor the layer that writes it and the last that needs it.
        buffers: of tensors and of scratch.
        of_tensor: the buffer of each tensor. scratch: the buffer of each layer's.
    """

    lives: Mapping[int, tuple[int, int]]
    buffers: Sequence[Buffer]
    overlaps: Mapping[Pair, Overlap]
    of_tensor: Mapping[int, int]
    scratch: Mapping[int, int]


def _parts(network: Network, needs: Sequence[LayerNeeds]) -> _Parts:
    lives = _lives(network)
    buffer_of = _shared_buffers(network, lives)
    buffers = _tensor_buffers(network, lives, buffer_of)
    overlaps = _overlaps(needs, buffers, buffer_of)
    scratch = {}
    for number, need in enumerate(needs, 1):
        if need.scratch_bytes:
            scratch[number] = len(buffers)
            name = f"scratch of layer {number}"
            buffers.append(Buffer(name, need.scratch_bytes, number, number))
    return _Parts(lives, buffers, overlaps, buffer_of, scratch)


def _lives(network: Network) -> dict[int, tuple[int, int]]:
    """For each tensor in the workspace the layer that writes it and the last that needs it.

    Outputs are needed by the layer after the last.
    """
    lives = {tensor: (0, 0) for tensor in network.inputs}
    for number, operator in enumerate(network.operators, 1):
        for tensor in operator.inputs:
            if network.tensors[tensor].data is None:
                lives[tensor] = (lives[tensor][0], number)
        lives[operator.output] = (number, number)
    for tensor in network.outputs:
        lives[tensor] = (lives[tensor][0], len(network.operators) + 1)
    return lives


def _shared_buffers(network: Network, lives: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """The buffer of each tensor: reshaped tensors, whose bytes are the same, share one."""
    owner = {tensor: tensor for tensor in lives}
    for operator in network.operators:
        if isinstance(operator, Reshape) and operator.inputs[0] in lives:
            owner[operator.output] = owner[operator.inputs[0]]
    place = {tensor: index for index, tensor in enumerate(t for t in lives if owner[t] == t)}
    return {tensor: place[owner[tensor]] for tensor in lives}


def _tensor_buffers(
    network: Network, lives: Mapping[int, tuple[int, int]], buffer_of: Mapping[int, int]
) -> list[Buffer]:
    buffers: dict[int, Buffer] = {}
    for tensor, (first, last) in lives.items():
        index = buffer_of[tensor]
        if index not in buffers:
            size = network.tensors[tensor].size_bytes
            buffers[index] = Buffer(f"tensor {tensor}", size, first, last)
            continue
        buffer = buffers[index]
        buffers[index] = replace(
            buffer, name=f"{buffer.name}, {tensor}", last=max(buffer.last, last)
        )
    return [buffers[index] for index in range(len(buffers))]


def _overlaps(
    needs: Sequence[LayerNeeds], buffers: Sequence[Buffer], buffer_of: Mapping[int, int]
) -> dict[Pair, Overlap]:
    """Those of inputs that end in the layer."""
    found: dict[Pair, Overlap] = {}
    for number, need in enumerate(needs, 1):
        output = buffer_of[need.operator.output]
        sources = [buffer_of.get(tensor) for tensor in need.operator.inputs]
        for source, overlap in zip(sources, need.overlaps, strict=True):
            # A tensor that is read twice is left alone.
            if source is None or overlap is None or sources.count(source) > 1:
                continue
            if source != output and buffers[source].last == number:
                found[source, output] = overlap
    return found


def _idle(network: Network, buffer_of: Mapping[int, int]) -> frozenset[int]:
    """Reshapes, but of what may be in the caller's memory."""
    outside = {*network.inputs, *network.outputs}
    return frozenset(
        number
        for number, operator in enumerate(network.operators, 1)
        if isinstance(operator, Reshape)
        and operator.inputs[0] in buffer_of
        and not outside & {operator.inputs[0], operator.output}
    )


def _whole(network: Network, plan: Plan, parts: _Parts) -> dict[int, tuple[int, int]]:
    """A tensor that its last reader writes over is whole until the layer before."""
    count = len(network.operators)
    whole = {}
    for tensor, (first, needed) in parts.lives.items():
        last = min(needed, count)
        if first < last == needed:
            source = parts.of_tensor[tensor]
            output = parts.of_tensor[network.operators[last - 1].output]
            if source != output and _touch(plan, source, output):
                last -= 1
        whole[tensor] = (first, last)
    return whole


def _touch(plan: Plan, one: int, other: int) -> bool:
    start, end = plan.offsets[one], plan.offsets[other]
    return start < end + plan.buffers[other].size and end < start + plan.buffers[one].size


def _prove(network: Network, needs: Sequence[LayerNeeds], workspace: Workspace) -> None:
    check_plan(
        WorkspacePlan(
            sizes=(workspace.plan.size,),
            places={
                tensor: Place(offset, network.tensors[tensor].size_bytes)
                for tensor, offset in workspace.offsets.items()
            },
            whole=workspace.whole,
            inputs=network.inputs,
            outputs=network.outputs,
            layers=tuple(
                _layer_memory(need, workspace, number) for number, need in enumerate(needs, 1)
            ),
        ),
        ALIGNMENT,
    )


def _layer_memory(need: LayerNeeds, workspace: Workspace, number: int) -> LayerMemory:
    offset = workspace.scratch[number - 1]
    placed = [index for index in need.operator.inputs if index in workspace.offsets]
    return LayerMemory(
        inputs=tuple(placed),
        output=need.operator.output,
        scratch=None if offset is None else Place(offset, need.scratch_bytes),
        copies=isinstance(need.operator, Reshape) and bool(placed),
        runs=number not in workspace.idle,
        order=lambda: _placed_order(need, workspace),
    )


def _placed_order(need: LayerNeeds, workspace: Workspace) -> AccessOrder | None:
    """Without the inputs that are constants."""
    order = need.order()
    if order is None:
        return None
    inputs = zip(need.operator.inputs, order.reads, strict=True)
    reads = tuple(steps for index, steps in inputs if index in workspace.offsets)
    return AccessOrder(reads, order.writes)

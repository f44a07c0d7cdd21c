# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places a network's tensors and its layers' scratch in one workspace, and proves the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.accesses import Accesses, Span, find_accesses
from microtvm.compiler.buffer_use import Use
from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlap, Overlaps, aligned, part_of
from microtvm.compiler.check_plan import LayerMemory, Part, Place, WorkspacePlan, check_plan
from microtvm.compiler.distances import shared_distances
from microtvm.compiler.memory_pools import MemoryOptions
from microtvm.compiler.offset_problem import needed_bytes
from microtvm.compiler.operators import Network, Operator, Reshape
from microtvm.compiler.plan_memory import estimated_size, plan_memory
from microtvm.compiler.plan_pools import PoolsPlan, PoolsProblem, plan_pools
from microtvm.compiler.traffic import Traffic

_ONE_POOL = MemoryOptions()


@dataclass(frozen=True)
class LayerNeeds:
    """What a layer needs besides its inputs and output.

    Attributes:
        scratch_bytes: 0 where it has no scratch.
        overlaps: how its output may share bytes with each input.
        order: when it reads each byte of its inputs and writes its output.
        traffic: how much of them, None where that does not matter.
    """

    operator: Operator
    scratch_bytes: int
    overlaps: Sequence[Overlap | None]
    order: Callable[[], AccessOrder | None]
    traffic: Traffic | None = None


@dataclass(frozen=True)
class Workspace:
    """Where everything is.

    Attributes:
        places: by tensor.
        whole: by tensor, the first and the last layer after which its bytes are whole.
        scratch: one a layer, None where it needs none.
        idle: layers that have nothing to do, since their output is where their input is.
    """

    plan: PoolsPlan
    places: Mapping[int, Place]
    whole: Mapping[int, tuple[int, int]]
    scratch: tuple[Place | None, ...]
    idle: frozenset[int]


def plan_workspace(
    network: Network, needs: Sequence[LayerNeeds], memory: MemoryOptions = _ONE_POOL
) -> Workspace:
    """Plans, and proves what was planned.

    Raises:
        BrokenPlanError: the planner or a schedule is at fault.
        PoolError: the pools are too small.
    """
    parts = _parts(network, needs, callers_tensors(network, memory.io))
    idle = _idle(network, parts.accesses.spans, memory.io)
    uses = _uses(needs, parts, idle)
    plan = plan_pools(PoolsProblem(parts.buffers, parts.overlaps, uses, parts.outside, memory))
    workspace = Workspace(
        plan=plan,
        places={tensor: _place(plan, span) for tensor, span in parts.accesses.spans.items()},
        whole=_whole(network, plan, parts),
        scratch=tuple(
            _place(plan, parts.scratch[number]) if number in parts.scratch else None
            for number in range(1, len(needs) + 1)
        ),
        idle=idle,
    )
    _prove(network, needs, workspace)
    return workspace


def bytes_of_layers(
    network: Network, needs: Sequence[LayerNeeds], io: str = _ONE_POOL.io
) -> list[int]:
    """The least workspace in which each layer can run."""
    buffers, overlaps = _inside(_parts(network, needs, callers_tensors(network, io)))
    return [needed_bytes(number, buffers, overlaps) for number in range(1, len(needs) + 1)]


def planned_ends(
    network: Network, needs: Sequence[LayerNeeds], io: str = _ONE_POOL.io
) -> list[int]:
    """Where in the workspace the last byte is that each layer needs, and one more.

    First that is before all layers, last behind them; the largest is the size of the plan.
    """
    plan = plan_memory(*_inside(_parts(network, needs, callers_tensors(network, io))))
    ends = [0] * (len(needs) + 2)
    for buffer, offset in zip(plan.buffers, plan.offsets, strict=True):
        for layer in range(buffer.first, buffer.last + 1):
            ends[layer] = max(ends[layer], aligned(offset + buffer.size))
    return ends


def estimated_bytes(
    network: Network,
    needs: Sequence[LayerNeeds],
    callers: frozenset[int],
    most: int | None = None,
) -> int | None:
    """About the size of the plan for any part of a network, in less time.

    Args:
        callers: tensors in the caller's memory.

    Returns:
        None where no plan of `most` bytes is found.
    """
    parts = _parts(network, needs, callers)
    least = max((_held(parts, layer) for layer in range(len(needs) + 1)), default=0)
    if most is not None and least > most:
        return None
    return estimated_size(*_inside(parts), least, most)


def callers_tensors(network: Network, io: str) -> frozenset[int]:
    """The tensors in the caller's memory."""
    return frozenset((*network.inputs, *network.outputs) if io == "caller" else ())


@dataclass(frozen=True)
class _Parts:
    """What is placed.

    Attributes:
        buffers: of tensors and of scratch.
        overlaps: how pairs of them may share bytes.
        scratch: of each layer that has any.
        outside: buffers in the caller's memory.
    """

    accesses: Accesses
    buffers: Sequence[Buffer]
    overlaps: Overlaps
    scratch: Mapping[int, Span]
    outside: frozenset[int]


def _parts(network: Network, needs: Sequence[LayerNeeds], callers: frozenset[int]) -> _Parts:
    accesses = find_accesses(network, callers)
    buffers = [_tensor_buffer(accesses, buffer) for buffer in range(len(accesses.tensors))]
    scratch = {}
    for number, need in enumerate(needs, 1):
        if need.scratch_bytes:
            scratch[number] = Span(len(buffers), 0, need.scratch_bytes)
            name = f"scratch of layer {number}"
            buffers.append(Buffer(name, need.scratch_bytes, number, number))
    overlaps = shared_distances(
        accesses,
        network.operators,
        [need.overlaps for need in needs],
        scratch,
        [buffer.size for buffer in buffers],
    )
    outside = frozenset(
        accesses.spans[tensor].buffer for tensor in callers if tensor in accesses.spans
    )
    return _Parts(accesses, buffers, overlaps, scratch, outside)


def _held(parts: _Parts, layer: int) -> int:
    """Bytes of the workspace that a layer leaves for later ones, or has for itself."""
    inside = [index for index in range(len(parts.accesses.tensors)) if index not in parts.outside]
    spans = [parts.accesses.held(buffer, layer) for buffer in inside]
    spans.append(parts.scratch.get(layer))
    return sum(span.size for span in spans if span is not None)


def _inside(parts: _Parts) -> tuple[list[Buffer], Overlaps]:
    """What is not in the caller's memory."""
    inside = [index for index in range(len(parts.buffers)) if index not in parts.outside]
    return part_of(parts.buffers, parts.overlaps, inside)


def _tensor_buffer(accesses: Accesses, buffer: int) -> Buffer:
    name = "tensor " + ", ".join(str(tensor) for tensor in accesses.tensors[buffer])
    return Buffer(name, accesses.size(buffer), *accesses.buffer_life(buffer))


def _idle(network: Network, spans: Mapping[int, Span], io: str) -> frozenset[int]:
    """Reshapes of what shares a buffer, but of what the caller may have elsewhere."""
    elsewhere = {*network.inputs, *network.outputs} if io == "workspace" else set()
    return frozenset(
        number
        for number, operator in enumerate(network.operators, 1)
        if isinstance(operator, Reshape)
        and spans.get(operator.inputs[0]) == spans[operator.output]
        and not elsewhere & {operator.inputs[0], operator.output}
    )


def _uses(needs: Sequence[LayerNeeds], parts: _Parts, idle: frozenset[int]) -> list[Use]:
    """What the layers read and write of each buffer."""
    uses, spans = [Use() for _ in parts.buffers], parts.accesses.spans
    for number, need in enumerate(needs, 1):
        traffic = need.traffic
        if traffic is None or number in idle:
            continue
        for tensor, read in zip(need.operator.inputs, traffic.inputs, strict=True):
            if tensor in spans:
                uses[spans[tensor].buffer] += Use(read=read)
        uses[spans[need.operator.output].buffer] += Use(written=traffic.output)
        if number in parts.scratch:
            scratch = Use(traffic.scratch_read, traffic.scratch_written)
            uses[parts.scratch[number].buffer] += scratch
    return uses


def _place(plan: PoolsPlan, span: Span) -> Place:
    offset = plan.offsets[span.buffer] + span.start
    return Place(offset, span.size, plan.pool_of[span.buffer])


def _whole(network: Network, plan: PoolsPlan, parts: _Parts) -> dict[int, tuple[int, int]]:
    """A tensor that is needed by the layer that writes over it is whole until the one before."""
    spans, whole = parts.accesses.spans, {}
    for tensor, span in spans.items():
        first, needed = parts.accesses.life(tensor)
        last = min(needed, len(network.operators))
        for number in range(first + 1, last + 1):
            written = [spans[network.operators[number - 1].output]]
            if number in parts.scratch:
                written.append(parts.scratch[number])
            if any(plan.touch(span, other) for other in written):
                last = number - 1
                break
        # Nothing is ever written over what is the caller's.
        outside = span.buffer in parts.outside
        whole[tensor] = (first, len(network.operators) if outside else last)
    return whole


def _prove(network: Network, needs: Sequence[LayerNeeds], workspace: Workspace) -> None:
    check_plan(
        WorkspacePlan(
            sizes=tuple(pool.plan.size for pool in workspace.plan.pools),
            places={
                tensor: place
                for tensor, place in workspace.places.items()
                if network.tensors[tensor].part is None
            },
            parts=_proven_parts(network),
            whole=workspace.whole,
            inputs=network.inputs,
            outputs=network.outputs,
            layers=tuple(
                _layer_memory(need, workspace, number) for number, need in enumerate(needs, 1)
            ),
        ),
        ALIGNMENT,
    )


def _proven_parts(network: Network) -> dict[int, Part]:
    return {
        index: Part(tensor.part.whole, tensor.part.offset, tensor.size_bytes)
        for index, tensor in enumerate(network.tensors)
        if tensor.part is not None
    }


def _layer_memory(need: LayerNeeds, workspace: Workspace, number: int) -> LayerMemory:
    placed = [index for index in need.operator.inputs if index in workspace.places]
    return LayerMemory(
        inputs=tuple(placed),
        output=need.operator.output,
        scratch=workspace.scratch[number - 1],
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
    reads = tuple(steps for index, steps in inputs if index in workspace.places)
    return AccessOrder(reads, order.writes)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Places a network's tensors and its layers' scratch in one workspace, and proves the plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.accesses import Accesses, Span, find_accesses
from microtvm.compiler.buffers import ALIGNMENT, Buffer, Overlap, Overlaps
from microtvm.compiler.check_plan import LayerMemory, Part, Place, WorkspacePlan, check_plan
from microtvm.compiler.distances import shared_distances
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
    spans = parts.accesses.spans
    scratch = {layer: plan.offsets[index] for layer, index in parts.scratch.items()}
    workspace = Workspace(
        plan=plan,
        offsets={tensor: plan.offsets[span.buffer] + span.start for tensor, span in spans.items()},
        whole=_whole(network, plan, parts),
        scratch=tuple(scratch.get(number) for number in range(1, len(needs) + 1)),
        idle=_idle(network, spans),
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
        buffers: of tensors and of scratch.
        overlaps: how pairs of them may share bytes.
        scratch: the buffer of each layer's.
    """

    accesses: Accesses
    buffers: Sequence[Buffer]
    overlaps: Overlaps
    scratch: Mapping[int, int]


def _parts(network: Network, needs: Sequence[LayerNeeds]) -> _Parts:
    accesses = find_accesses(network)
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
    own = {number: span.buffer for number, span in scratch.items()}
    return _Parts(accesses, buffers, overlaps, own)


def _tensor_buffer(accesses: Accesses, buffer: int) -> Buffer:
    name = "tensor " + ", ".join(str(tensor) for tensor in accesses.tensors[buffer])
    return Buffer(name, accesses.size(buffer), *accesses.buffer_life(buffer))


def _idle(network: Network, spans: Mapping[int, Span]) -> frozenset[int]:
    """Reshapes, but of what may be in the caller's memory."""
    outside = {*network.inputs, *network.outputs}
    return frozenset(
        number
        for number, operator in enumerate(network.operators, 1)
        if isinstance(operator, Reshape)
        and operator.inputs[0] in spans
        and not outside & {operator.inputs[0], operator.output}
    )


def _whole(network: Network, plan: Plan, parts: _Parts) -> dict[int, tuple[int, int]]:
    """A tensor that is needed by the layer that writes over it is whole until the one before."""
    spans, whole = parts.accesses.spans, {}
    for tensor, span in spans.items():
        first, needed = parts.accesses.life(tensor)
        last = min(needed, len(network.operators))
        for number in range(first + 1, last + 1):
            written = [spans[network.operators[number - 1].output]]
            if number in parts.scratch:
                scratch = parts.scratch[number]
                written.append(Span(scratch, 0, parts.buffers[scratch].size))
            if any(_touch(plan, span, other) for other in written):
                last = number - 1
                break
        whole[tensor] = (first, last)
    return whole


def _touch(plan: Plan, one: Span, other: Span) -> bool:
    """Whether bytes of two buffers are the same."""
    start, end = (plan.offsets[span.buffer] + span.start for span in (one, other))
    return one.buffer != other.buffer and start < end + other.size and end < start + one.size


def _prove(network: Network, needs: Sequence[LayerNeeds], workspace: Workspace) -> None:
    check_plan(
        WorkspacePlan(
            sizes=(workspace.plan.size,),
            places={
                tensor: Place(offset, network.tensors[tensor].size_bytes)
                for tensor, offset in workspace.offsets.items()
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

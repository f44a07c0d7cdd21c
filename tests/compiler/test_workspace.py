# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Workspaces of whole models: what is shared, what lasts, and that broken ones are found."""

from __future__ import annotations

import numpy as np
import pytest
from support.int8_network import int8_network

from microtvm.compiler import CompileOptions, compile_model
from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.check_plan import BrokenPlanError
from microtvm.compiler.operators import Network, Operator, Part, Reshape, Tensor
from microtvm.compiler.workspace import LayerNeeds, Workspace, plan_workspace

_ORDER = AccessOrder((np.arange(64, dtype=np.int32),), np.arange(64, dtype=np.int32))


def _network(operators: list[Operator], outputs: tuple[int, ...]) -> Network:
    """Of tensors of 64 bytes; tensor 0 is the input."""
    count = 1 + max(operator.output for operator in operators)
    tensors = tuple(Tensor(f"t{index}", (1, 64), "int8") for index in range(count))
    return Network(tensors, (0,), outputs, tuple(operators))


def _plan(
    network: Network, overlap: Overlap | None = None, order: AccessOrder | None = _ORDER
) -> Workspace:
    return plan_workspace(
        network, [_needs(operator, overlap, order) for operator in network.operators]
    )


def _needs(operator: Operator, overlap: Overlap | None, order: AccessOrder | None) -> LayerNeeds:
    count = len(operator.inputs)
    if order is not None:
        order = AccessOrder(order.reads * count, order.writes)
    return LayerNeeds(operator, 0, (overlap,) * count, lambda: order)


def test_layers_that_run_in_place_share_one_buffer() -> None:
    workspace = _plan(_network([Operator((0,), 1), Operator((1,), 2)], (2,)), Overlap(0, 0))
    assert workspace.plan.size == 64
    assert workspace.whole == {0: (0, 0), 1: (1, 1), 2: (2, 2)}


def test_without_an_overlap_they_are_apart() -> None:
    workspace = _plan(_network([Operator((0,), 1), Operator((1,), 2)], (2,)))
    assert workspace.plan.size == 128
    assert workspace.whole == {0: (0, 1), 1: (1, 2), 2: (2, 2)}


def test_a_tensor_that_is_read_later_is_left_alone() -> None:
    network = _network([Operator((0,), 1), Operator((1,), 2), Operator((2, 1), 3)], (3,))
    workspace = _plan(network, Overlap(0, 0))
    assert workspace.plan.size == 128
    assert workspace.whole[1][0] == 1
    assert workspace.whole[1][1] >= 2


def test_an_output_that_the_last_layer_reads_is_left_alone() -> None:
    workspace = _plan(_network([Operator((0,), 1), Operator((1,), 2)], (1, 2)), Overlap(0, 0))
    assert workspace.plan.size == 128
    assert workspace.whole[1] == (1, 2)


def test_a_tensor_that_is_read_twice_is_left_alone() -> None:
    assert _plan(_network([Operator((0, 0), 1)], (1,)), Overlap(0, 0)).plan.size == 128


def test_reshaped_tensors_share_their_bytes() -> None:
    """Layer 2 does nothing; layers 1 and 4 read and write what may be the caller's."""
    operators = [Reshape((0,), 1), Reshape((1,), 2), Operator((1, 2), 3), Reshape((3,), 4)]
    workspace = _plan(_network(operators, (4,)))
    assert workspace.plan.size == 128
    assert workspace.places[0].offset == workspace.places[1].offset == workspace.places[2].offset
    assert workspace.places[3].offset == workspace.places[4].offset != workspace.places[0].offset
    assert workspace.idle == {2}


@pytest.mark.parametrize(
    ("overlap", "order"),
    [
        (Overlap(-32, -32), _ORDER),
        (Overlap(0, 0), None),
        (Overlap(0, 0), AccessOrder((np.full(64, 64, np.int32),), _ORDER.writes)),
    ],
)
def test_schedules_that_state_too_much_are_found(
    overlap: Overlap, order: AccessOrder | None
) -> None:
    """The planner believes them; the check does not."""
    with pytest.raises(BrokenPlanError, match="layer 1 writes tensor 1"):
        _plan(_network([Operator((0,), 1)], (1,)), overlap, order)


def test_a_reshape_between_layers_has_no_code() -> None:
    program = compile_model(int8_network(), CompileOptions()).program
    idle = [layer.operator for layer in program.layers if layer.function is None]
    assert idle
    assert set(idle) == {"reshape"}
    assert "reshape_1" not in {function.name for function in program.functions}


def _striped(parts: int, *, halo: int = 0) -> Network:
    """Tensor 1 is made of tensor 0 in parts, then tensor 2 of all of it.

    Args:
        halo: bytes of the part before that a layer reads too.
    """
    size = 64 // parts
    tensors = [Tensor(f"t{index}", (1, 64), "int8") for index in range(3)]
    operators = []
    for start in range(0, 64, size):
        first = max(0, start - halo)
        tensors += [
            Tensor("part", (1, start + size - first), "int8", part=Part(0, first)),
            Tensor("part", (1, size), "int8", part=Part(1, start)),
        ]
        operators.append(Operator((len(tensors) - 2,), len(tensors) - 1))
    return Network(tuple(tensors), (0,), (2,), (*operators, Operator((1,), 2)))


def _needs_of_parts(network: Network, overlap: Overlap | None) -> list[LayerNeeds]:
    needs = []
    for operator in network.operators:
        sizes = [network.tensors[index].size_bytes for index in (*operator.inputs, operator.output)]
        reads, writes = (np.arange(size, dtype=np.int32) for size in sizes)
        order = AccessOrder((reads,), writes)
        needs.append(LayerNeeds(operator, 0, (overlap,), lambda order=order: order))
    return needs


@pytest.mark.parametrize(("parts", "halo"), [(1, 0), (2, 0), (4, 0), (4, 16), (2, 16)])
def test_a_tensor_is_written_over_the_parts_that_were_read(parts: int, halo: int) -> None:
    """Tensor 1 begins a part before tensor 0, and the halo before that; tensor 2 is over both."""
    network = _striped(parts, halo=halo)
    workspace = plan_workspace(network, _needs_of_parts(network, None))
    assert workspace.plan.size == max(128, 64 + 64 // parts + halo)
    assert workspace.whole[1][0] == parts
    trailing = plan_workspace(network, _needs_of_parts(network, Overlap(0)))
    assert trailing.plan.size == 64 + halo


def test_parts_in_place_leave_two_distances() -> None:
    """In place, or apart by a part at least."""
    network = _striped(4)
    workspace = plan_workspace(network, _needs_of_parts(network, Overlap(0, 0)))
    assert workspace.plan.size == 64


def test_parts_have_their_tensors_bytes() -> None:
    network = _striped(4)
    workspace = plan_workspace(network, _needs_of_parts(network, Overlap(0, 0)))
    for index, tensor in enumerate(network.tensors):
        if tensor.part is not None:
            offset = workspace.places[tensor.part.whole].offset + tensor.part.offset
            assert workspace.places[index].offset == offset
    # The first layer writes over the first part; the last part is read by the last but one.
    assert [workspace.whole[index] for index in (0, 1)] == [(0, 0), (4, 4)]
    assert [workspace.whole[index] for index in (3, 5, 7, 9)] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert [workspace.whole[index] for index in (4, 6, 8, 10)] == [(1, 4), (2, 4), (3, 4), (4, 4)]

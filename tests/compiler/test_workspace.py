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
from microtvm.compiler.operators import Network, Operator, Reshape, Tensor
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
    assert workspace.offsets[0] == workspace.offsets[1] == workspace.offsets[2]
    assert workspace.offsets[3] == workspace.offsets[4] != workspace.offsets[0]
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

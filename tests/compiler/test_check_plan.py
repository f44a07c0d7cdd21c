# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Plans that are wrong in one way each, and the few that are right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.check_plan import (
    BrokenPlanError,
    LayerMemory,
    Place,
    WorkspacePlan,
    check_plan,
)

_ORDERED = AccessOrder((np.arange(16, dtype=np.int32),), np.arange(32, dtype=np.int32))


def _layer(
    inputs: tuple[int, ...],
    output: int,
    scratch: Place | None = None,
    order: AccessOrder | None = None,
) -> LayerMemory:
    return LayerMemory(inputs, output, scratch, copies=False, runs=True, order=lambda: order)


# Layer 1 makes tensor 1 (16 bytes) of 0 (24), 2 makes 2 (32) of 1, byte by byte, with scratch;
# 3 makes 3 (8) of 1 and 2.
GOOD = WorkspacePlan(
    size=80,
    places={0: Place(0, 24), 1: Place(24, 16), 2: Place(40, 32), 3: Place(0, 8)},
    whole={0: (0, 1), 1: (1, 3), 2: (2, 3), 3: (3, 3)},
    inputs=(0,),
    outputs=(3,),
    layers=(
        _layer((0,), 1),
        _layer((1,), 2, Place(0, 8), _ORDERED),
        _layer((1, 2), 3),
    ),
)


def _with_place(tensor: int, offset: int, plan: WorkspacePlan = GOOD) -> WorkspacePlan:
    places = {**plan.places, tensor: Place(offset, plan.places[tensor].size)}
    return replace(plan, places=places)


def _with_layer(number: int, layer: LayerMemory, plan: WorkspacePlan = GOOD) -> WorkspacePlan:
    layers = list(plan.layers)
    layers[number - 1] = layer
    return replace(plan, layers=tuple(layers))


def _in_place(order: AccessOrder | None) -> WorkspacePlan:
    """Tensor 2 over tensor 1, which nobody reads after."""
    plan = _with_layer(3, _layer((2,), 3))
    plan = _with_layer(2, _layer((1,), 2, Place(0, 8), order), plan)
    return replace(plan, whole={**plan.whole, 1: (1, 1)})


def test_a_right_plan_passes() -> None:
    check_plan(GOOD, 8)


def test_a_program_without_layers_passes() -> None:
    check_plan(WorkspacePlan(0, {}, {}, (), (), ()), 8)


@pytest.mark.parametrize(
    ("tensor", "offset", "found"),
    [
        (0, -8, "outside the 80 bytes"),
        (2, 56, "outside the 80 bytes"),
        (3, 1000, "outside the 80 bytes"),
        (0, 4, "not aligned to 8"),
        (1, 16, "layer 1 writes tensor 1 .* over 0 .* nothing is known"),
        (0, 16, "layer 1 writes tensor 1 .* over 0 .* nothing is known"),
        (2, 32, "layer 2 writes tensor 2 .*: byte 32 is read too late"),
        (1, 40, "tensor 1 .* is not whole at the end of layer 2"),
        (1, 0, "tensor 1 at .* over 0"),
        (2, 0, "scratch of layer 2 .* overlaps tensor 2"),
        (3, 24, "layer 3 writes tensor 3 .* over 1"),
        (3, 64, "layer 3 writes tensor 3 .* over 2"),
    ],
)
def test_offsets_that_corrupt_memory_are_refused(tensor: int, offset: int, found: str) -> None:
    with pytest.raises(BrokenPlanError, match=found):
        check_plan(_with_place(tensor, offset), 8)


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (24, "overlaps tensor 1"),
        (32, "overlaps tensor 1"),
        (40, "overlaps tensor 2"),
        (64, "overlaps tensor 2"),
        (4, "not aligned"),
        (-8, "outside"),
        (80, "outside"),
    ],
)
def test_scratch_in_use_is_refused(offset: int, found: str) -> None:
    with pytest.raises(BrokenPlanError, match=found):
        check_plan(_with_layer(2, _layer((1,), 2, Place(offset, 8), _ORDERED)), 8)


def test_scratch_over_what_is_read_later_is_refused() -> None:
    plan = _with_layer(2, _layer((0,), 2, Place(24, 8)))
    with pytest.raises(BrokenPlanError, match=r"tensor 1 .* is not whole at the end of layer 2"):
        check_plan(plan, 8)


@pytest.mark.parametrize("size", [0, 8, 71])
def test_a_workspace_that_is_too_small_is_refused(size: int) -> None:
    with pytest.raises(BrokenPlanError, match=f"outside the {size} bytes"):
        check_plan(replace(GOOD, size=size), 8)


@pytest.mark.parametrize("offset", [0, 8, 24])
def test_an_output_may_trail_its_input(offset: int) -> None:
    """From in place on; tensor 1 is at 24 and ends in layer 2."""
    plan = _with_layer(2, _layer((1,), 2, None, _ORDERED), _in_place(_ORDERED))
    check_plan(_with_place(3, 72, _with_place(2, offset, plan)), 8)


def test_an_output_that_runs_ahead_is_refused() -> None:
    plan = _with_layer(2, _layer((1,), 2, None, _ORDERED), _in_place(_ORDERED))
    with pytest.raises(BrokenPlanError, match="byte 32 is read too late"):
        check_plan(_with_place(2, 32, plan), 8)


@pytest.mark.parametrize("tensor", range(4))
def test_tensors_that_are_claimed_to_be_whole_too_long_are_refused(tensor: int) -> None:
    """Tensor 0 is overwritten by the scratch of layer 2; nothing is whole before it is written."""
    first, last = GOOD.whole[tensor]
    claim = (first, 3) if tensor == 0 else (first - 1, last)
    with pytest.raises(BrokenPlanError, match=f"tensor {tensor} .* is not whole"):
        check_plan(replace(GOOD, whole={**GOOD.whole, tensor: claim}), 8)


def test_an_overwritten_input_that_is_claimed_to_be_whole_is_refused() -> None:
    plan = _with_place(2, 24, _in_place(_ORDERED))
    check_plan(plan, 8)
    with pytest.raises(BrokenPlanError, match=r"tensor 1 .* is not whole at the end of layer 2"):
        check_plan(replace(plan, whole={**plan.whole, 1: (1, 2)}), 8)


def test_an_output_that_does_not_last_is_refused() -> None:
    with pytest.raises(BrokenPlanError, match=r"tensor 0 .* is not whole at the end"):
        check_plan(replace(GOOD, whole={}, outputs=(0,)), 8)


def test_layers_in_another_order_are_refused() -> None:
    with pytest.raises(BrokenPlanError, match=r"tensor 1 .* is not whole at the start of layer 1"):
        check_plan(replace(GOOD, whole={}, layers=GOOD.layers[::-1]), 8)


@pytest.mark.parametrize("count", [15, 17])
def test_an_order_of_another_size_is_refused(count: int) -> None:
    order = AccessOrder((np.zeros(count, np.int32),), _ORDERED.writes)
    with pytest.raises(BrokenPlanError, match=f"its order is of {count}, 32 bytes"):
        check_plan(_with_place(2, 24, _in_place(order)), 8)


def _copying(offset: int, *, runs: bool) -> WorkspacePlan:
    """Layer 2 is a reshape of tensor 1 to 2, both of which layer 3 reads."""
    layer = LayerMemory((1,), 2, None, copies=True, runs=runs, order=lambda: None)
    places = {**GOOD.places, 2: Place(offset, 16)}
    return replace(_with_layer(2, layer), places=places)


def test_a_copy_in_place_leaves_both_whole() -> None:
    check_plan(_copying(24, runs=False), 8)
    check_plan(_copying(24, runs=True), 8)
    check_plan(_copying(40, runs=True), 8)


def test_a_copy_elsewhere_without_code_is_refused() -> None:
    with pytest.raises(BrokenPlanError, match="layer 2 has no code"):
        check_plan(_copying(40, runs=False), 8)


def test_a_copy_that_is_partly_over_its_input_is_refused() -> None:
    with pytest.raises(BrokenPlanError, match="nothing is known of its order"):
        check_plan(_copying(32, runs=True), 8)

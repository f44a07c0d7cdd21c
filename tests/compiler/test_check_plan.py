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
    Part,
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
    sizes=(80,),
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
    check_plan(WorkspacePlan((), {}, {}, (), (), ()), 8)


@pytest.mark.parametrize(
    ("tensor", "offset", "found"),
    [
        (0, -8, "outside the 80 bytes"),
        (2, 56, "outside the 80 bytes"),
        (3, 1000, "outside the 80 bytes"),
        (0, 4, "not aligned to 8"),
        (1, 16, "layer 1 writes tensor 1 .* over tensor 0 .* nothing is known"),
        (0, 16, "layer 1 writes tensor 1 .* over tensor 0 .* nothing is known"),
        (2, 32, "layer 2 writes tensor 2 .*: byte 8 is read too late"),
        (1, 40, "tensor 1 .* is not whole at the end of layer 2"),
        (1, 0, "tensor 1 at .* over tensor 0"),
        (2, 0, "tensor 2 .* is not whole at the end of layer 2: byte 0 is nobody"),
        (3, 24, "layer 3 writes tensor 3 .* over tensor 1"),
        (3, 64, "layer 3 writes tensor 3 .* over tensor 2"),
    ],
)
def test_offsets_that_corrupt_memory_are_refused(tensor: int, offset: int, found: str) -> None:
    with pytest.raises(BrokenPlanError, match=found):
        check_plan(_with_place(tensor, offset), 8)


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (24, "layer 2 writes scratch .* over tensor 1"),
        (32, "layer 2 writes scratch .* over tensor 1"),
        (40, "tensor 2 .* is not whole at the end of layer 2"),
        (64, "tensor 2 .* is not whole at the end of layer 2"),
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
        check_plan(replace(GOOD, sizes=(size,)), 8)


@pytest.mark.parametrize("offset", [0, 8, 24])
def test_an_output_may_trail_its_input(offset: int) -> None:
    """From in place on; tensor 1 is at 24 and ends in layer 2."""
    plan = _with_layer(2, _layer((1,), 2, None, _ORDERED), _in_place(_ORDERED))
    check_plan(_with_place(3, 72, _with_place(2, offset, plan)), 8)


def test_an_output_that_runs_ahead_is_refused() -> None:
    plan = _with_layer(2, _layer((1,), 2, None, _ORDERED), _in_place(_ORDERED))
    with pytest.raises(BrokenPlanError, match="byte 8 is read too late"):
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


def test_a_byte_may_be_overwritten_if_it_is_never_read() -> None:
    """The first half of tensor 1; the order says so for the layer that writes there."""
    reads = np.where(np.arange(16) < 8, -1, 99).astype(np.int32)
    plan = _in_place(AccessOrder((reads,), _ORDERED.writes))
    check_plan(_with_place(1, 32, _with_place(3, 72, _with_place(2, 8, plan))), 8)
    with pytest.raises(BrokenPlanError, match="byte 8 is read too late"):
        check_plan(_with_place(1, 24, _with_place(3, 72, _with_place(2, 8, plan))), 8)


def test_scratch_may_lie_over_what_is_never_read() -> None:
    order = AccessOrder((np.full(16, -1, np.int32),), _ORDERED.writes)
    plan = replace(_in_place(order), whole={})
    check_plan(_with_layer(2, _layer((1,), 2, Place(24, 8), order), plan), 8)
    order = AccessOrder((np.where(np.arange(16) == 7, 0, -1).astype(np.int32),), _ORDERED.writes)
    with pytest.raises(
        BrokenPlanError, match=r"layer 2 writes scratch .*: byte 7 is read too late"
    ):
        check_plan(_with_layer(2, _layer((1,), 2, Place(24, 8), order), plan), 8)


@pytest.mark.parametrize("pool", [-1, 1])
def test_a_pool_that_is_not_there_is_refused(pool: int) -> None:
    with pytest.raises(BrokenPlanError, match="in none of the 1 pools"):
        check_plan(replace(GOOD, places={**GOOD.places, 1: Place(24, 16, pool)}), 8)
    with pytest.raises(BrokenPlanError, match=r"scratch of layer 2 .* in none of the 1 pools"):
        check_plan(_with_layer(2, _layer((1,), 2, Place(0, 8, pool), _ORDERED)), 8)


def _two_pools(size: int = 24) -> WorkspacePlan:
    """Tensor 1 and the scratch of layer 2 in a pool of their own."""
    plan = _with_layer(2, _layer((1,), 2, Place(16, 8, 1)))
    places = {**GOOD.places, 1: Place(0, 16, 1), 2: Place(0, 32)}
    return replace(plan, sizes=(32, size), places=places, whole={1: (1, 3), 2: (2, 2), 3: (3, 3)})


def test_each_pool_has_bytes_of_its_own() -> None:
    """Tensor 3 is written over tensor 2 at the end, so it needs an order there."""
    plan = _two_pools()
    order = AccessOrder((np.zeros(16, np.int32), np.arange(32, dtype=np.int32)), _STEPS_OF_3)
    check_plan(_with_layer(3, _layer((1, 2), 3, None, order), plan), 8)
    with pytest.raises(BrokenPlanError, match=r"layer 3 writes tensor 3 .* over tensor 2"):
        check_plan(plan, 8)


def test_scratch_over_a_tensor_of_its_pool_is_refused() -> None:
    layer = _layer((1,), 2, Place(8, 8, 1))
    with pytest.raises(BrokenPlanError, match=r"layer 2 writes scratch .* over tensor 1"):
        check_plan(_with_layer(2, layer, _two_pools()), 8)


def test_a_pool_that_is_too_small_is_refused() -> None:
    with pytest.raises(BrokenPlanError, match=r"scratch of layer 2 .* outside the 16 bytes"):
        check_plan(_two_pools(16), 8)


_STEPS_OF_3 = np.arange(8, dtype=np.int32)

# Tensor 1 (24 bytes) is made of tensor 0 (24) in three parts of 8 bytes (2 to 4), each from the
# part of tensor 0 of the same place (5 to 7); then layer 4 makes tensor 8 of all of it.
_PARTS = {
    **{2 + number: Part(1, 8 * number, 8) for number in range(3)},
    **{5 + number: Part(0, 8 * number, 8) for number in range(3)},
}
STRIPED = WorkspacePlan(
    sizes=(56,),
    places={0: Place(0, 24), 1: Place(24, 24), 8: Place(48, 8)},
    whole={0: (0, 3), 1: (3, 4), 2: (1, 4), 3: (2, 4), 4: (3, 4), 5: (0, 3), 8: (4, 4)},
    inputs=(0,),
    outputs=(8,),
    layers=(_layer((5,), 2), _layer((6,), 3), _layer((7,), 4), _layer((1,), 8)),
    parts=_PARTS,
)
# The same with tensor 1 a part before tensor 0: a part is written over the part before its own.
_TRAILING = replace(
    STRIPED,
    places={0: Place(8, 24), 1: Place(0, 24), 8: Place(48, 8)},
    whole={1: (3, 4), 2: (1, 4), 3: (2, 4), 4: (3, 4), 6: (0, 1), 7: (0, 2), 8: (4, 4)},
)


def test_a_tensor_may_be_written_part_by_part() -> None:
    check_plan(STRIPED, 8)


def test_parts_may_be_written_over_parts_that_were_read() -> None:
    check_plan(_TRAILING, 8)


def test_parts_over_what_a_later_layer_reads_are_refused() -> None:
    plan = replace(_TRAILING, places={**_TRAILING.places, 0: Place(0, 24), 1: Place(8, 24)})
    with pytest.raises(BrokenPlanError, match=r"tensor 6 .* is not whole at the end of layer 1"):
        check_plan(plan, 8)
    with pytest.raises(BrokenPlanError, match=r"tensor 6 .* is not whole at the start of layer 2"):
        check_plan(replace(plan, whole={}), 8)


def test_a_part_over_its_own_input_needs_an_order() -> None:
    plan = replace(_TRAILING, places={**_TRAILING.places, 0: Place(0, 24)})
    with pytest.raises(BrokenPlanError, match=r"layer 1 writes tensor 2 .* nothing is known"):
        check_plan(plan, 8)
    order = AccessOrder((np.arange(8, dtype=np.int32),), np.arange(8, dtype=np.int32))
    layers = tuple(replace(layer, order=lambda: order) for layer in plan.layers[:3])
    whole = {1: (3, 4), 7: (0, 2)}
    check_plan(replace(plan, layers=(*layers, plan.layers[3]), whole=whole), 8)


@pytest.mark.parametrize("missing", range(3))
def test_a_part_that_nobody_writes_is_missed(missing: int) -> None:
    layers = list(STRIPED.layers)
    layers[missing] = _layer((5,), 2 + (missing + 1) % 3)
    plan = replace(STRIPED, whole={}, layers=tuple(layers))
    with pytest.raises(BrokenPlanError, match=r"tensor 1 .* is not whole at the start of layer 4"):
        check_plan(plan, 8)


def test_parts_in_another_order_are_refused() -> None:
    """What the first stripes write, the later ones still read."""
    layers = (*_TRAILING.layers[2::-1], _TRAILING.layers[3])
    with pytest.raises(BrokenPlanError, match=r"tensor 6 .* is not whole at the start of layer 2"):
        check_plan(replace(_TRAILING, whole={}, layers=layers), 8)


def test_a_whole_that_is_claimed_before_its_last_part_is_refused() -> None:
    with pytest.raises(BrokenPlanError, match=r"tensor 1 .* is not whole at the end of layer 2"):
        check_plan(replace(STRIPED, whole={**STRIPED.whole, 1: (2, 4)}), 8)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (Part(1, 8, 24), "tensor 3 is no part of tensor 1"),
        (Part(1, -8, 8), "tensor 3 is no part of tensor 1"),
        (Part(9, 0, 8), "tensor 3 is no part of tensor 9"),
        (Part(2, 0, 8), "tensor 3 is no part of tensor 2"),
        (Part(1, 6, 8), "tensor 3 is not aligned to 4"),
    ],
)
def test_parts_that_are_none_are_refused(part: Part, found: str) -> None:
    with pytest.raises(BrokenPlanError, match=found):
        check_plan(replace(STRIPED, parts={**_PARTS, 3: part}), 8)


def test_a_part_is_read_where_the_tensor_is_that_it_was_reshaped_from() -> None:
    """Layer 1 of two has no code: tensor 1 is tensor 0, and part 2 of it is read."""
    idle = LayerMemory((0,), 1, None, copies=True, runs=False, order=lambda: None)
    plan = replace(
        STRIPED,
        places={**STRIPED.places, 1: Place(0, 24)},
        whole={0: (0, 2), 1: (1, 2), 2: (1, 2)},
        layers=(idle, _layer((2,), 8)),
    )
    check_plan(plan, 8)
    with pytest.raises(BrokenPlanError, match="layer 1 has no code"):
        check_plan(replace(plan, layers=(replace(idle, output=2), _layer((2,), 8))), 8)

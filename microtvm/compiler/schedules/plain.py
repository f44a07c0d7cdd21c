# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The schedule that any TIR function takes: a loop nest whose sums stay in a register.

Element-wise stages are inlined, padding among them; each reduction is computed where its result is
used, into a buffer of the size that is needed there (one element under a convolution's epilogue).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tvm import s_tir, tirx

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.legalize import legalize
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.schedules.plain_overlap import plain_order, plain_overlaps, plain_scratch
from microtvm.compiler.schedules.plain_work import plain_work
from microtvm.compiler.schedules.rule import BlockSizes, ScheduleRule, no_variants
from microtvm.compiler.traffic import read_for_each_output

_ROOT = "root"


def schedule_plain(function: Any) -> Any:
    """Schedules a PrimFunc of blocks; returns a PrimFunc with the same parameters."""
    schedule = s_tir.Schedule(function)
    _inline_element_wise(schedule)
    for block in reversed(_blocks(schedule)):
        if _reduction_axes(schedule, block):
            _place_reduction(schedule, block)
    return schedule.mod["main"]


def _blocks(schedule: Any) -> list[Any]:
    return list(schedule.get_child_blocks(schedule.get_sblock(_ROOT)))


def _inline_element_wise(schedule: Any) -> None:
    for block in _blocks(schedule):
        if _reduction_axes(schedule, block) or not schedule.get_consumers(block):
            continue
        try:
            schedule.compute_inline(block)
        except s_tir.schedule.ScheduleError:
            # Read more than once by one consumer, or not a plain element-wise stage: it stays a
            # loop nest of its own.
            continue


def _reduction_axes(schedule: Any, block: Any) -> int:
    axes = schedule.get(block).iter_vars
    return sum(1 for axis in axes if axis.iter_type == tirx.IterVar.CommReduce)


def _place_reduction(schedule: Any, block: Any) -> None:
    """Moves a reduction into its consumer's loops and sets its start value outside its own."""
    consumers = schedule.get_consumers(block)
    spatial = len(schedule.get(block).iter_vars) - _reduction_axes(schedule, block)
    if len(consumers) != 1:
        schedule.decompose_reduction(block, schedule.get_loops(block)[spatial])
        return
    loops = schedule.get_loops(consumers[0])
    # A sum a pixel and channel goes to the innermost loop; a row's maximum to the row's loop.
    depth = min(spatial, len(loops))
    schedule.compute_at(block, loops[depth - 1])
    own = schedule.get_loops(block)[depth:]
    if own:
        schedule.decompose_reduction(block, own[0])


def _precondition(operator: Operator, tensors: Sequence[Tensor]) -> str | None:
    return None


def _define(operator: Operator, tensors: Sequence[Tensor], blocks: BlockSizes) -> LayerFunction:
    return legalize(operator, tensors)


PLAIN = ScheduleRule(
    name="plain",
    operators=(Operator,),
    precondition=_precondition,
    variants=no_variants,
    work=plain_work,
    define=_define,
    apply=lambda layer: schedule_plain(layer.function),
    layouts=("NHWC", "NCHW"),
    needs_dsp=False,
    overlaps=plain_overlaps,
    order=plain_order,
    traffic=read_for_each_output,
    scratch=plain_scratch,
)

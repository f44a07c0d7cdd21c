# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Gives each layer its schedule: the one place that knows which exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from microtvm.compiler.access_order import AccessOrder
from microtvm.compiler.buffers import Overlap
from microtvm.compiler.choice import Candidate, Choice, cheapest
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.cost_model import schedule_costs
from microtvm.compiler.lower import lifted_bytes, lower
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedules.dsp_add_int16 import ADD_INT16
from microtvm.compiler.schedules.dsp_binary import ADD, MULTIPLY
from microtvm.compiler.schedules.dsp_conv2d import CONV2D
from microtvm.compiler.schedules.dsp_conv2d_int16 import CONV2D_INT16
from microtvm.compiler.schedules.dsp_dense import DENSE
from microtvm.compiler.schedules.dsp_dense_int16 import DENSE_INT16, MATMUL_INT16
from microtvm.compiler.schedules.dsp_depthwise import DEPTHWISE
from microtvm.compiler.schedules.dsp_depthwise_int16 import DEPTHWISE_INT16
from microtvm.compiler.schedules.dsp_matmul import MATMUL
from microtvm.compiler.schedules.dsp_pool import AVERAGE_POOL, MAX_POOL
from microtvm.compiler.schedules.dsp_pool_int16 import AVERAGE_POOL_INT16, MAX_POOL_INT16
from microtvm.compiler.schedules.dsp_rows import LOOK_UP, MEAN, SOFTMAX
from microtvm.compiler.schedules.move import CONCATENATE, COPY, PAD
from microtvm.compiler.schedules.plain import PLAIN
from microtvm.compiler.schedules.rule import BlockSizes, ScheduleRule
from microtvm.compiler.traffic import Traffic

RULES: tuple[ScheduleRule, ...] = (
    *(DENSE, MATMUL, CONV2D, DEPTHWISE),
    *(ADD, MULTIPLY, AVERAGE_POOL, MAX_POOL, MEAN, LOOK_UP, SOFTMAX),
    *(COPY, CONCATENATE, PAD),
    *(DENSE_INT16, MATMUL_INT16, CONV2D_INT16, DEPTHWISE_INT16),
    *(ADD_INT16, AVERAGE_POOL_INT16, MAX_POOL_INT16),
    PLAIN,
)


@dataclass(frozen=True, eq=False)
class ScheduledLayer:
    """A layer's function with its loops in order, and why they are in that order.

    Attributes:
        overlaps: how the output may share bytes with each input.
        order: in which the bytes are read and written.
        traffic: how many of them.
    """

    layer: LayerFunction
    choice: Choice
    function: Any
    overlaps: Sequence[Overlap | None]
    order: Callable[[], AccessOrder | None]
    traffic: Traffic


def schedule_layer(operator: Operator, tensors: Sequence[Tensor], choice: Choice) -> ScheduledLayer:
    """Defines the operator as TIR and schedules it as was chosen."""
    rule = _rule(choice)
    blocks = choice.taken.blocks
    layer = rule.define(operator, tensors, blocks)
    return ScheduledLayer(
        layer,
        choice,
        rule.apply(layer),
        rule.overlaps(operator, tensors, blocks),
        lambda: rule.order(operator, tensors, blocks),
        rule.traffic(operator, tensors, blocks),
    )


def layer_overlaps(
    operator: Operator, tensors: Sequence[Tensor], choice: Choice
) -> Sequence[Overlap | None]:
    """How the output may share bytes with each input, without making the layer."""
    return _rule(choice).overlaps(operator, tensors, choice.taken.blocks)


def layer_scratch(operator: Operator, tensors: Sequence[Tensor], choice: Choice) -> int:
    """Bytes of scratch in the workspace; without making the layer, if its schedule can tell."""
    known = _rule(choice).scratch(operator, tensors, choice.taken.blocks)
    if known is None:
        return lower(schedule_layer(operator, tensors, choice).function).scratch_bytes
    return lifted_bytes(known)


def cheapest_schedule(
    operator: Operator, tensors: Sequence[Tensor], options: CompileOptions
) -> Choice:
    """What can compute the operator, and what of it takes the fewest cycles."""
    rules = [rule for rule in RULES if isinstance(operator, rule.operators)]
    reasons = {rule.name: rule.refusal(operator, tensors, options) for rule in rules}
    candidates = [
        candidate
        for rule in rules
        if reasons[rule.name] is None
        for candidate in _candidates(rule, operator, tensors, options)
    ]
    taken = cheapest(candidates)
    others = tuple(candidate for candidate in candidates if candidate is not taken)
    return Choice(taken, others, {name: why for name, why in reasons.items() if why is not None})


def _rule(choice: Choice) -> ScheduleRule:
    return next(rule for rule in RULES if rule.name == choice.taken.schedule)


def _candidates(
    rule: ScheduleRule, operator: Operator, tensors: Sequence[Tensor], options: CompileOptions
) -> list[Candidate]:
    costs = schedule_costs(options.target, rule.name)
    return [
        Candidate(rule.name, blocks, costs.cost(rule.work(operator, tensors, blocks)))
        for blocks in _wanted(rule.variants(operator, tensors), options)
    ]


def _wanted(variants: Sequence[BlockSizes], options: CompileOptions) -> Sequence[BlockSizes]:
    """Those with the width of weights that was asked for, all where there are none."""
    if options.weights == "auto":
        return variants
    bits = int(options.weights.removeprefix("int"))
    return [blocks for blocks in variants if blocks.get("weight_bits") == bits] or variants

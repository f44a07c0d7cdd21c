# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Chooses a schedule for each layer: the one place that knows which exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.legalize import legalize
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedules.dsp_conv2d import CONV2D
from microtvm.compiler.schedules.dsp_dense import DENSE
from microtvm.compiler.schedules.dsp_depthwise import DEPTHWISE
from microtvm.compiler.schedules.dsp_matmul import MATMUL
from microtvm.compiler.schedules.plain import schedule_plain
from microtvm.compiler.schedules.rule import ScheduleRule

PLAIN = ScheduleRule(
    name="plain",
    applies=lambda operator, tensors, options: True,
    define=lambda operator, tensors, options: legalize(operator, tensors),
    apply=lambda layer: schedule_plain(layer.function),
)

# The first rule that applies wins; the last one takes everything.
RULES: tuple[ScheduleRule, ...] = (DENSE, MATMUL, CONV2D, DEPTHWISE, PLAIN)


@dataclass(frozen=True, eq=False)
class ScheduledLayer:
    """A layer's function with its loops in order, and the name of the schedule that did it."""

    layer: LayerFunction
    schedule: str
    function: Any


def schedule_layer(
    operator: Operator, tensors: Sequence[Tensor], options: CompileOptions
) -> ScheduledLayer:
    """Defines the operator as TIR and schedules it by the first rule that applies."""
    rule = next(rule for rule in RULES if rule.applies(operator, tensors, options))
    layer = rule.define(operator, tensors, options)
    return ScheduledLayer(layer, rule.name, rule.apply(layer))

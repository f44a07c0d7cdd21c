# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Chooses a schedule for each layer: the one place that knows which exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.schedules.plain import schedule_plain


@dataclass(frozen=True)
class ScheduleRule:
    """A way to order a layer's loops.

    Attributes:
        name: what the layer list shows.
        applies: whether the rule can take a layer.
        apply: PrimFunc to PrimFunc.
    """

    name: str
    applies: Callable[[LayerFunction], bool]
    apply: Callable[[Any], Any]


# The first rule that applies wins.
RULES: tuple[ScheduleRule, ...] = (ScheduleRule("plain", lambda layer: True, schedule_plain),)


@dataclass(frozen=True, eq=False)
class ScheduledLayer:
    """A layer's function with its loops in order, and the name of the schedule that did it."""

    layer: LayerFunction
    schedule: str
    function: Any


def schedule_layer(layer: LayerFunction) -> ScheduledLayer:
    """Applies the first rule that applies."""
    rule = next(rule for rule in RULES if rule.applies(layer))
    return ScheduledLayer(layer, rule.name, rule.apply(layer.function))

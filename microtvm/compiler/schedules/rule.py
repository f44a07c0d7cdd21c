# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A way to compute a layer: when it can be used, what it is and costs, its loops in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from microtvm.compiler.access_order import FindOrder, unknown_order
from microtvm.compiler.computes.layer_function import LayerFunction
from microtvm.compiler.intrinsics import Intrinsic, Precondition, tensorize
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.overlap import FindOverlaps, no_overlaps
from microtvm.compiler.traffic import FindTraffic, read_once

# What a schedule can be told besides the operator, such as "weight_bits" or "band".
BlockSizes = Mapping[str, int]
# How often each thing happens that a schedule's time is made of; cost_model.py has their cycles.
Work = Mapping[str, int]

FindScratch = Callable[[Any, Sequence[Tensor], BlockSizes], int | None]


def unknown_scratch(
    operator: Operator, tensors: Sequence[Tensor], blocks: BlockSizes
) -> int | None:
    """Of a schedule that says nothing."""
    return None


def no_scratch(operator: Operator, tensors: Sequence[Tensor], blocks: BlockSizes) -> int:
    """Of a schedule without any."""
    return 0


@dataclass(frozen=True)
class ScheduleRule:
    """One entry of the list that a layer's schedule is chosen from.

    Attributes:
        name: what the layer list shows.
        operators: the kinds that it takes.
        precondition: why it cannot take one of them, None where it can.
        variants: the block sizes that an operator can be defined with; of those that are as cheap,
            the first counts.
        work: what of each term of its cost a variant does.
        define: the operator as TIR over constants packed as the schedule wants them.
        apply: orders the loops of that TIR; the result has the same parameters.
        layouts: of image data, that it takes.
        needs_dsp: whether only cores with the DSP extension run it well.
        overlaps: how the output may share bytes with each input.
        order: in which it reads and writes, by which a plan with such overlaps is proven.
        traffic: the bytes that it reads and writes, by which pools are filled.
        scratch: bytes of the one array that the layer has for itself, None where only its C tells.
    """

    name: str
    operators: tuple[type[Operator], ...]
    precondition: Precondition
    variants: Callable[[Any, Sequence[Tensor]], Sequence[BlockSizes]]
    work: Callable[[Any, Sequence[Tensor], BlockSizes], Work]
    define: Callable[[Any, Sequence[Tensor], BlockSizes], LayerFunction]
    apply: Callable[[LayerFunction], Any]
    layouts: tuple[str, ...] = ("NHWC",)
    needs_dsp: bool = True
    overlaps: FindOverlaps = no_overlaps
    order: FindOrder = unknown_order
    traffic: FindTraffic = read_once
    scratch: FindScratch = unknown_scratch

    def refusal(
        self, operator: Operator, tensors: Sequence[Tensor], options: CompileOptions
    ) -> str | None:
        """Why the rule cannot take an operator of its kinds, None where it can."""
        if self.needs_dsp and not options.target.has_dsp:
            return "needs the DSP extension"
        if operator.layout not in self.layouts:
            return f"takes {' or '.join(self.layouts)}, not {operator.layout}"
        return self.precondition(operator, tensors)


def no_variants(operator: Operator, tensors: Sequence[Tensor]) -> Sequence[BlockSizes]:
    """Of a schedule that can be told nothing."""
    return ({},)


def tensorize_layer(layer: LayerFunction) -> Any:
    """Puts the layer's micro-kernel in the place of its block."""
    assert layer.call is not None
    return tensorize(layer.function, layer.call)


def kernel_rule(
    name: str,
    intrinsic: Intrinsic,
    *,
    work: Callable[[Any, Sequence[Tensor], BlockSizes], Work],
    define: Callable[[Any, Sequence[Tensor], BlockSizes], LayerFunction],
    variants: Callable[[Any, Sequence[Tensor]], Sequence[BlockSizes]] = no_variants,
    **others: Any,
) -> ScheduleRule:
    """The rule that computes what an intrinsic can by its micro-kernel.

    Args:
        others: attributes of ScheduleRule that have defaults.
    """
    return ScheduleRule(
        name=name,
        operators=intrinsic.operators,
        precondition=intrinsic.precondition,
        variants=variants,
        work=work,
        define=define,
        apply=tensorize_layer,
        **others,
    )

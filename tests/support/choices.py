# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Other choices than the cheapest schedule, so that tests run what small layers would not get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from microtvm.compiler.choice import Choice, cheapest
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedule import cheapest_schedule
from microtvm.compiler.schedules.plain import PLAIN


def choose_kernel(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> Choice:
    """The cheapest kernel where there is one, however much cheaper plain loops are."""
    choice = cheapest_schedule(operator, tensors, options)
    candidates = (choice.taken, *choice.others)
    kernels = [candidate for candidate in candidates if candidate.schedule != PLAIN.name]
    return replace(choice, taken=cheapest(kernels)) if kernels else choice


def choose_plain(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> Choice:
    """Plain loops."""
    choice = cheapest_schedule(operator, tensors, options)
    candidates = (choice.taken, *choice.others)
    (plain,) = [candidate for candidate in candidates if candidate.schedule == PLAIN.name]
    return replace(choice, taken=plain)

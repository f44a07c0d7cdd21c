# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which layers each schedule is measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from cost_fitting.elements import (
    draw_conversion,
    draw_element_wise,
    draw_mean,
    draw_move,
    draw_pool,
    draw_softmax,
)
from cost_fitting.floats import draw_float
from cost_fitting.int16 import (
    draw_add_int16,
    draw_dense_int16,
    draw_long_sums,
    draw_pool_int16,
)
from cost_fitting.layer import Layer, Wanted, network_of
from cost_fitting.products import draw_conv2d, draw_dense, draw_dense_words, draw_depthwise
from microtvm.compiler import CompileOptions
from microtvm.compiler.schedule import RULES
from microtvm.target import Target

# How many layers of each sort.
_SORTS: tuple[tuple[Callable[[Generator], Layer], int], ...] = (
    (draw_conv2d, 110),
    (draw_depthwise, 70),
    (draw_dense, 50),
    (draw_element_wise, 60),
    (draw_pool, 70),
    (draw_mean, 15),
    (draw_softmax, 20),
    (draw_move, 100),
    (draw_conversion, 20),
    (draw_float, 20),
    (draw_dense_int16, 40),
    (draw_long_sums, 40),
    (draw_add_int16, 20),
    (draw_pool_int16, 50),
    (draw_dense_words, 25),
)
_VARIANTS = 2  # of a schedule for one layer


def draw_samples(target: Target) -> list[Wanted]:
    """Layers with each schedule that takes them; always the same."""
    draw = np.random.default_rng(0)
    layers = [sort(draw) for sort, count in _SORTS for _ in range(count)]
    options = CompileOptions(target)
    return [wanted for layer in layers for wanted in _schedules(draw, layer, options)]


def _schedules(draw: Generator, layer: Layer, options: CompileOptions) -> Sequence[Wanted]:
    network = network_of([layer])
    operator, tensors = network.operators[0], network.tensors
    found: list[Wanted] = []
    for rule in RULES:
        if not isinstance(operator, rule.operators) or rule.refusal(operator, tensors, options):
            continue
        variants = rule.variants(operator, tensors)
        count = min(_VARIANTS, len(variants))
        for index in draw.choice(len(variants), count, replace=False).tolist():
            found.append(Wanted(layer, rule.name, variants[index]))
    return found

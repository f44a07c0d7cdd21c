# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sums' parameters: a fast form only where it gives TFLite's output for each pair of inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.packing_add import Sum, pack_add, swap_operands
from microtvm.compiler.rescales import ADD_LEFT_SHIFT, add_rescales

_INPUTS = np.arange(-128, 128, dtype=np.int64)


def _sum(scales: tuple[float, float, float], **changes: object) -> Sum:
    rescales = add_rescales(*(float(np.float32(scale)) for scale in scales))
    total = Sum(
        ADD_LEFT_SHIFT, rescales.first, rescales.second, rescales.output, zero_points=(5, -7, 3)
    )
    return replace(total, **changes)  # type: ignore[arg-type]


def _computed(form: str, words: list[int]) -> np.ndarray:
    """What add_s8.h says that the fast forms compute."""
    first, second, offset, rounding = words
    products = [(factor * (_INPUTS << 8)) >> 16 for factor in (first, second)]
    total = products[0][:, np.newaxis] + products[1] + offset
    if form == "ties":
        total = total + (total >> 31) + rounding
    assert np.abs(total).max() < 2**31
    return np.clip(total >> 20, -128, 127)


@pytest.mark.parametrize(
    ("scales", "form"),
    [
        ((0.0371, 0.0529, 0.0613), "near"),
        ((0.0371, 0.0001, 0.0313), "near"),
        # Every second sum of equal operands lies between two outputs.
        ((0.5, 0.5, 1.0), "ties"),
        ((0.25, 0.125, 0.25), "ties"),
    ],
)
@pytest.mark.parametrize("subtract", [False, True])
def test_fast_forms_are_exact(
    scales: tuple[float, float, float], form: str, subtract: bool
) -> None:
    total = _sum(scales, subtract=subtract)
    packed = pack_add(total)
    assert packed.form == form
    computed = _computed(packed.form, packed.words.tolist())
    np.testing.assert_array_equal(computed, total.outputs())


def test_a_bound_gives_room() -> None:
    total = _sum((0.05, 0.07, 0.1), clamp=(-128, -128))
    assert pack_add(total).form == "near"
    total = _sum((0.0371, 0.0529, 0.0613), clamp=(-60, 30))
    packed = pack_add(total)
    computed = np.clip(_computed(packed.form, packed.words.tolist()), -60, 30)
    np.testing.assert_array_equal(computed, total.outputs())


def test_scales_that_leave_32_bits_take_the_slow_form() -> None:
    packed = pack_add(_sum((0.5, 0.25, 0.0625), subtract=True))
    assert packed.form == "any"
    assert packed.words.tolist() == [
        *(5, 1 << 30, 0, 1),
        *(-7, 1 << 30, -1, -1),
        *(1 << ADD_LEFT_SHIFT, 1 << 30, -15, 3),
    ]


def test_sums_between_two_outputs_by_tflites_own_roundings_take_the_slow_form() -> None:
    assert pack_add(_sum((0.05, 0.07, 0.1))).form == "any"


@pytest.mark.parametrize("scales", [(0.0371, 0.0529, 0.0613), (0.5, 0.25, 0.0625)])
def test_operands_change_places(scales: tuple[float, float, float]) -> None:
    packed = pack_add(_sum(scales))
    swapped = swap_operands(packed)
    width = 4 if packed.form == "any" else 1
    assert swapped.form == packed.form
    assert swapped.words[:width].tolist() == packed.words[width : 2 * width].tolist()
    assert swapped.words[width : 2 * width].tolist() == packed.words[:width].tolist()
    assert swap_operands(swapped).words.tolist() == packed.words.tolist()


def test_outputs_are_tflites() -> None:
    total = Sum(
        20, FixedPoint(1 << 30, 0), FixedPoint(1 << 30, -1), FixedPoint(1 << 30, -17), (0, 0, 0)
    )
    outputs = total.outputs()
    # (a / 2 + b / 4) << 20, by 2 ** -18: 2 * a + b.
    assert outputs[128 + 3, 128 + 5] == 11
    assert outputs[128 - 3, 128 + 4] == -2
    assert outputs[255, 255] == 127

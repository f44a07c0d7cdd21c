# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Products' parameters."""

from __future__ import annotations

import numpy as np

from microtvm.compiler.fixed_point import FixedPoint
from microtvm.compiler.packing_multiply import pack_multiply


def test_zero_points_are_pairs_of_their_negative() -> None:
    words = pack_multiply(FixedPoint(1 << 30, -3), (5, -7, 3)).words
    assert words[:2].view(np.int16).tolist() == [-5, -5, 7, 7]


def test_the_output_s_zero_point_is_added_before_the_shift() -> None:
    packed = pack_multiply(FixedPoint(3 << 29, -3), (0, 0, 3))
    assert packed.form == "twice"
    assert packed.words[2:].tolist() == [3 << 29, 4 + (3 << 3), 3]


def test_scales_beyond_the_shift_take_the_slow_form() -> None:
    for shift in (0, 2, -23):
        packed = pack_multiply(FixedPoint(3 << 29, shift), (0, 0, 3))
        assert packed.form == "any"
        assert packed.words[2:].tolist() == [3 << 29, 3, shift]

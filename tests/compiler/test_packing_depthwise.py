# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The layouts of packed depthwise weights and of sums' parameters, number by number."""

from __future__ import annotations

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import Window
from microtvm.compiler.packing import Product, Rounding
from microtvm.compiler.packing_depthwise import (
    DepthwiseShape,
    depthwise_bands,
    depthwise_scratch_bytes,
    pack_depthwise,
)


def _product(weights: list[int], scale: float = 0.25) -> Product:
    return Product(
        weights=np.array([weights]),
        bias=np.array([1000], np.int32),
        rescale=FixedPoints.from_reals(np.array([scale])),
        zero_point=3,
        rounding=Rounding.TWICE,
    )


def _pair(low: int, high: int) -> int:
    return int(np.array([low, high], "<i2").view("<i4")[0])


def _bytes(*values: int) -> int:
    return int(np.array(values, "<i1").view("<i4")[0])


_PARAMETERS = [1 << 30, 1 + (3 << 1), 1]


def test_a_kernel_of_3_x_3_keeps_two_pairs_a_column() -> None:
    packed = pack_depthwise(_product([1, 2, 3, 4, 5, 6, 7, 8, -9]), Window((3, 3)), 16)
    columns = [(1, 4, 7), (2, 5, 8), (3, 6, -9)]
    pairs = [_pair(2 * a, 2 * b) for top, mid, low in columns for a, b in ((top, mid), (mid, low))]
    assert packed.form == "w16_twice"
    assert packed.words.tolist() == [2000, *pairs, *_PARAMETERS]


def test_8_bits_hold_a_column_in_a_word() -> None:
    packed = pack_depthwise(_product([1, 2, 3, 4, 5, 6, 7, 8, -9]), Window((3, 3)), 8)
    words = [_bytes(1, 4, 4, 7), _bytes(2, 5, 5, 8), _bytes(3, 6, 6, -9)]
    assert packed.words.tolist() == [2000, *words, *_PARAMETERS]


def test_the_lower_output_reads_the_same_rows_further_down() -> None:
    packed = pack_depthwise(_product([1, 2]), Window((2, 1)), 16)
    # Rows 0 and 1, then 2 and 3: the upper output's weights, then the lower one's.
    pairs = [_pair(2, 4), _pair(0, 2), _pair(0, 0), _pair(4, 0)]
    assert packed.words.tolist() == [2000, *pairs, *_PARAMETERS]


def test_dilation_puts_zeros_between_rows() -> None:
    packed = pack_depthwise(_product([1, 2]), Window((2, 1), dilation=(2, 1)), 16)
    pairs = [_pair(2, 0), _pair(0, 2), _pair(4, 0), _pair(0, 4)]
    assert packed.words.tolist()[1:5] == pairs


def test_large_scales_are_not_doubled() -> None:
    packed = pack_depthwise(_product([1, 2], scale=3.0), Window((2, 1)), 16)
    assert packed.form == "w16_twice_any"
    assert packed.words.tolist()[0] == 1000


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        pack_depthwise(_product([1, 200]), Window((2, 1)), 8)


def test_bands_keep_to_the_plane_that_is_wanted() -> None:
    shape = DepthwiseShape((48, 48), Window((3, 3)))
    assert depthwise_bands(shape) == (1, 2, 3, 4)
    assert depthwise_scratch_bytes(shape, 16, 4) == (5 * 50 + 1) * 16
    assert depthwise_scratch_bytes(shape, 8, 4) == (5 * 50 + 1) * 16 + 40
    assert depthwise_bands(shape, plane_bytes=0) == (1,)
    assert depthwise_bands(DepthwiseShape((7, 6), Window((3, 3)))) == (1, 2, 4)

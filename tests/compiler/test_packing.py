# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The words that the kernels of products read: order, padding, and which way to rescale fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoints
from microtvm.compiler.operators import Window
from microtvm.compiler.packing import (
    Product,
    Rounding,
    conv2d_scratch_bytes,
    dense_scratch_bytes,
    matmul_scratch_bytes,
    pack_dense,
    pack_matmul,
    rescale_parameters,
)


def _product(channels: int, depth: int, rounding: Rounding = Rounding.TWICE) -> Product:
    """Weights 1, 2, 3, ...; biases 100, 101, ...; all scales 2**-10; zero point 3."""
    return Product(
        weights=np.arange(1, channels * depth + 1).reshape(channels, depth),
        bias=np.arange(100, 100 + channels).astype(np.int32),
        rescale=FixedPoints.from_reals(np.full(channels, 2.0**-10)),
        zero_point=3,
        rounding=rounding,
    )


def _bytes(*values: int) -> int:
    return int.from_bytes(bytes(values), "little")


def _pair(low: int, high: int) -> int:
    return low | high << 16


# 2**-10 is 2**30 / 2**31 * 2**-9.
_TWICE = [2**30, 2**8 + (3 << 9), 9]
_ONCE = [2**30, 2**7 + (3 << 8), 8]
_NOTHING = [0, 0, 0]


def test_bytes_of_two_channels_alternate_by_groups() -> None:
    packed = pack_matmul(_product(2, 5), 8)
    assert packed.form == "w8_twice"
    assert packed.words.tolist() == [
        *(100, 101),
        *(_bytes(1, 2, 3, 4), _bytes(6, 7, 8, 9)),
        *(_bytes(5, 0, 0, 0), _bytes(10, 0, 0, 0)),
        *_TWICE,
        *_TWICE,
    ]


def test_halfwords_are_pairs_of_neighbours_but_one_and_doubled() -> None:
    packed = pack_matmul(_product(2, 5), 16)
    assert packed.form == "w16_twice"
    assert packed.words.tolist() == [
        *(200, 202),
        *(_pair(2, 6), _pair(12, 16), _pair(4, 8), _pair(14, 18)),
        *(_pair(10, 0), _pair(20, 0), 0, 0),
        *_TWICE,
        *_TWICE,
    ]


def test_nothing_is_doubled_where_it_is_rounded_once() -> None:
    packed = pack_matmul(_product(2, 4, Rounding.ONCE), 16)
    assert packed.form == "w16_once"
    assert packed.words.tolist() == [
        *(100, 101),
        *(_pair(1, 3), _pair(5, 7), _pair(2, 4), _pair(6, 8)),
        *_ONCE,
        *_ONCE,
    ]


def test_an_odd_channel_has_a_partner_of_zeros() -> None:
    packed = pack_matmul(_product(3, 4), 8)
    assert packed.words.tolist()[10:] == [102, 0, _bytes(9, 10, 11, 12), 0, *_TWICE, *_NOTHING]


def test_each_group_of_channels_is_packed_by_itself() -> None:
    product = _product(6, 4)
    whole = pack_matmul(product, 8, groups=2)
    parts = [
        pack_matmul(
            replace(
                product,
                weights=product.weights[part],
                bias=product.bias[part],
                rescale=FixedPoints(product.rescale.multiplier[part], product.rescale.shift[part]),
            ),
            8,
        )
        for part in (slice(0, 3), slice(3, 6))
    ]
    np.testing.assert_array_equal(whole.words, np.concatenate([part.words for part in parts]))


def test_dense_rows_come_by_four_with_products_of_weights_in_the_bias() -> None:
    packed = pack_dense(_product(5, 3, Rounding.ONCE))
    assert packed.form == "w8_once"
    assert packed.words.tolist() == [
        *(100 - 1 * 2, 101 - 4 * 5, 102 - 7 * 8, 103 - 10 * 11),
        *(_bytes(1, 2, 3, 0), _bytes(4, 5, 6, 0), _bytes(7, 8, 9, 0), _bytes(10, 11, 12, 0)),
        *(0, 0, 0, 0),
        *(*_ONCE, *_ONCE, *_ONCE, *_ONCE),
        *(104 - 13 * 14, 0, 0, 0),
        *(_bytes(13, 14, 15, 0), 0, 0, 0),
        *(0, 0, 0, 0),
        *(*_ONCE, *_NOTHING, *_NOTHING, *_NOTHING),
    ]


def test_dense_stores_weights_with_their_zero_point() -> None:
    product = _product(1, 2)
    packed = pack_dense(product, 5)
    assert packed.words.tolist()[:5] == [100 - 6 * 7, 0, 0, 0, _bytes(6, 7, 0, 0)]


def test_biases_wrap_as_the_sums_do() -> None:
    product = replace(_product(1, 4), bias=np.array([-(2**31)], np.int32))
    assert pack_dense(product).words[0] == 2**31 - (1 * 2 + 3 * 4)


def test_lowest_zero_point_has_a_form_of_its_own() -> None:
    """Rounding once has nothing to save there."""
    for rounding, form in ((Rounding.TWICE, "w16_relu"), (Rounding.ONCE, "w16_once")):
        product = replace(_product(2, 4, rounding), zero_point=-128)
        assert pack_matmul(product, 16).form == form
    assert pack_matmul(replace(_product(2, 4), zero_point=-128), 16).words[0] == 200
    slow = replace(_product(1, 4), zero_point=-128, rescale=FixedPoints.from_reals(np.array([0.5])))
    assert pack_matmul(slow, 8).form == "w8_twice_any"


@pytest.mark.parametrize(
    ("rounding", "scale", "is_fast"),
    [
        (Rounding.TWICE, 0.4999, True),
        (Rounding.TWICE, 0.5, False),
        (Rounding.TWICE, 5.0, False),
        (Rounding.ONCE, 0.2499, True),
        (Rounding.ONCE, 0.25, False),
        (Rounding.TWICE, 2.0**-23, True),
    ],
)
def test_forms_by_scale(rounding: Rounding, scale: float, is_fast: bool) -> None:
    product = replace(
        _product(2, 4, rounding), rescale=FixedPoints.from_reals(np.array([2.0**-10, scale]))
    )
    parameters, fast = rescale_parameters(product)
    assert fast == is_fast
    if not is_fast:
        shifts = product.rescale.shift.tolist()
        assert parameters[:, 1:].tolist() == [[3, shift] for shift in shifts]
        assert pack_matmul(product, 16).form == f"w16_{rounding.value}_any"
        # Only the fast form doubles.
        assert pack_matmul(product, 16).words[0] == 100


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize("scale", [0.0, 2.0**-30, 2.0**-25])
def test_a_channel_whose_outputs_are_all_its_zero_point_is_fast(
    rounding: Rounding, scale: float
) -> None:
    product = replace(_product(1, 4, rounding), rescale=FixedPoints.from_reals(np.array([scale])))
    parameters, fast = rescale_parameters(product)
    assert fast
    assert parameters.tolist() == [[0, 7, 1]]


@pytest.mark.parametrize("rounding", Rounding)
@pytest.mark.parametrize(
    ("bias", "scale", "output"),
    [(2**31 - 1, 2.0**-28, 11), (-(2**31), 2.0**-28, -5), (1000, 0.75, 127), (7, 2.0**-30, 3)],
)
def test_a_channel_without_weights_is_its_bias_whatever_the_scale(
    rounding: Rounding, bias: int, scale: float, output: int
) -> None:
    """2**31 * 2**-28 is 8, and the zero point is 3."""
    product = replace(
        _product(1, 4, rounding),
        weights=np.zeros((1, 4), np.int64),
        bias=np.array([bias], np.int32),
        rescale=FixedPoints.from_reals(np.array([scale])),
    )
    parameters, fast = rescale_parameters(product)
    assert fast
    assert parameters.tolist() == [[0, 2 * output + 1, 1]]


def test_large_sums_need_the_form_for_any() -> None:
    product = replace(_product(1, 4), bias=np.array([2**30], np.int32))
    assert pack_matmul(product, 8).form == "w8_twice_any"


def test_a_tiny_scale_of_large_sums_needs_the_form_for_any() -> None:
    product = replace(
        _product(1, 4),
        bias=np.array([2**29], np.int32),
        rescale=FixedPoints.from_reals(np.array([2.0**-25])),
    )
    assert pack_matmul(product, 8).form == "w8_twice_any"


def test_weights_must_fit() -> None:
    wide = replace(_product(1, 2), weights=np.array([[128, 0]]))
    with pytest.raises(ValueError, match="do not fit <i1"):
        pack_matmul(wide, 8)
    with pytest.raises(ValueError, match="do not fit <i1"):
        pack_dense(wide)
    assert pack_matmul(wide, 16).words[2] == 256
    with pytest.raises(ValueError, match="weights of 4 bits; expected 8 or 16"):
        pack_matmul(wide, 4)


def test_scratch_is_a_function_of_shape() -> None:
    assert [matmul_scratch_bytes(depth) for depth in (1, 4, 5, 64)] == [48, 48, 80, 528]
    assert [dense_scratch_bytes(depth) for depth in (1, 8, 9, 640)] == [32, 32, 48, 1296]
    window = Window((3, 3), strides=(2, 2))
    assert conv2d_scratch_bytes(window, 16, 16, 48) == matmul_scratch_bytes(9 * 16)
    # A table of 28 numbers, and three rows of 97 columns.
    assert conv2d_scratch_bytes(window, 3, 3, 48) == matmul_scratch_bytes(27) + 28 * 4 + 3 * 296
    # Rows of whole groups need no table.
    wide = replace(window, size=(3, 4))
    assert conv2d_scratch_bytes(wide, 3, 3, 48) == matmul_scratch_bytes(36) + 3 * 300
    assert conv2d_scratch_bytes(window, 4, 6, 1) == matmul_scratch_bytes(36) + 36 * 4 + 3 * 24

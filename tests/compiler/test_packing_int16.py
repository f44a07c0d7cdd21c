# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The words that the kernels of int16 read, and which sums and scales a layer needs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint, FixedPoints, multiply_int16
from microtvm.compiler.packing_int16 import (
    Int16Product,
    dense_scratch_bytes_int16,
    pack_dense_int16,
    pack_product_int16,
    product_scaling,
    product_scratch_bytes_int16,
)
from microtvm.compiler.wide_fixed_point import WideFixedPoints


def _product(channels: int, depth: int, scale: float = 2.0**-10) -> Int16Product:
    """Weights 1, 2, 3, ...; biases 100, 101, ...; all of one scale."""
    return Int16Product(
        weights=np.arange(1, channels * depth + 1).reshape(channels, depth),
        bias=np.arange(100, 100 + channels),
        rescale=FixedPoints.from_reals(np.full(channels, scale)),
    )


def _wide_product(channels: int, depth: int) -> Int16Product:
    """All scales 2**-10."""
    rescale = WideFixedPoints(np.full(channels, 2**62 + 5), np.full(channels, -9, np.int32))
    return replace(_product(channels, depth), rescale=rescale)


def _bytes(*values: int) -> int:
    return int.from_bytes(bytes(values), "little")


def _pair(low: int, high: int) -> int:
    return low | high << 16


# 2**-10 is 2**14 / 2**15 * 2**-9, so a shift of 24: 2**14 << (32 - 24) for SMMULR.
_SHORT = [2**22]
_LONG = [2**22, -(2**31), 0, 0]
_WIDE = [2**30, 5, -9, 0]


def test_bytes_of_two_channels_alternate_by_groups_in_the_order_of_widening() -> None:
    packed = pack_product_int16(_product(2, 5), 8)
    assert packed.form == "w8_acc32"
    assert packed.words.tolist() == [
        *(100, 101),
        *(_bytes(1, 3, 2, 4), _bytes(6, 8, 7, 9)),
        *(_bytes(5, 0, 0, 0), _bytes(10, 0, 0, 0)),
        *(*_SHORT, *_SHORT),
    ]


def test_halfwords_are_pairs_of_neighbours() -> None:
    packed = pack_product_int16(_product(2, 5), 16)
    assert packed.form == "w16_acc32"
    assert packed.words.tolist() == [
        *(100, 101),
        *(_pair(1, 2), _pair(6, 7), _pair(3, 4), _pair(8, 9)),
        *(_pair(5, 0), _pair(10, 0), 0, 0),
        *(*_SHORT, *_SHORT),
    ]


def test_sums_of_64_bits_have_biases_of_two_words() -> None:
    product = replace(_product(3, 4), bias=np.array([-1, 2**40 + 7, 5]))
    packed = pack_product_int16(product, 8)
    assert packed.form == "w8_acc64"
    assert packed.words.tolist() == [
        *(-1, -1, 7, 2**8),
        *(_bytes(1, 3, 2, 4), _bytes(5, 7, 6, 8)),
        *(*_LONG, *_LONG),
        # The partner of an odd channel has weights 0, and the rest of that channel.
        *(5, 0, 5, 0),
        *(_bytes(9, 11, 10, 12), 0),
        *(*_LONG, *_LONG),
    ]


def test_each_group_of_channels_is_packed_by_itself() -> None:
    product = _product(6, 4)
    whole = pack_product_int16(product, 8, groups=2)
    parts = [
        pack_product_int16(
            Int16Product(
                product.weights[part],
                product.bias[part],
                FixedPoints(product.rescale.multiplier[part], product.rescale.shift[part]),
            ),
            8,
        )
        for part in (slice(0, 3), slice(3, 6))
    ]
    np.testing.assert_array_equal(whole.words, np.concatenate([part.words for part in parts]))


def test_dense_rows_come_by_four() -> None:
    packed = pack_dense_int16(_wide_product(5, 3), 8)
    assert packed.form == "w8_acc32"
    assert packed.words.tolist() == [
        *(100, 101, 102, 103),
        *(_bytes(1, 3, 2, 0), _bytes(4, 6, 5, 0), _bytes(7, 9, 8, 0), _bytes(10, 12, 11, 0)),
        *(0, 0, 0, 0),
        *(_WIDE * 4),
        *(104, 104, 104, 104),
        *(_bytes(13, 15, 14, 0), 0, 0, 0),
        *(0, 0, 0, 0),
        *(_WIDE * 4),
    ]


def test_dense_rows_of_halfwords() -> None:
    packed = pack_dense_int16(_wide_product(1, 3), 16)
    assert packed.form == "w16_acc32"
    assert packed.words.tolist() == [
        *(100, 100, 100, 100),
        *(_pair(1, 2), 0, 0, 0, _pair(3, 0), 0, 0, 0),
        *(0, 0, 0, 0, 0, 0, 0, 0),
        *(_WIDE * 4),
    ]


@pytest.mark.parametrize(("bias", "sums"), [(2**31 - 1 - 2**15 * 10, "acc32"), (2**31, "acc64")])
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_have_32_bits_where_none_can_leave_them(bias: int, sums: str, sign: int) -> None:
    assert product_scaling(_bounded(sign * bias)).kind == sums
    wide = replace(_wide_product(1, 4), bias=np.array([sign * bias]))
    assert pack_dense_int16(wide, 8).form == f"w8_{sums}"


def test_one_more_may_leave_them() -> None:
    assert product_scaling(_bounded(2**31 - 2**15 * 10)).kind == "acc64"


def _bounded(bias: int) -> Int16Product:
    """Weights of 10 in sum."""
    return replace(_product(1, 4), bias=np.array([bias]))


@pytest.mark.parametrize(
    ("shift", "kind"), [(0, "any"), (-1, "acc32"), (-17, "acc32"), (-18, "acc64"), (-31, "acc64")]
)
def test_smmulr_takes_scales_from_two_to_the_minus_18_to_a_half(shift: int, kind: str) -> None:
    product = replace(
        _product(1, 4),
        # Outputs are not all 0 at the finest scale.
        weights=np.full((1, 4), 2**15 - 1),
        bias=np.array([2**46]),
        rescale=FixedPoints(np.array([2**31 - 1]), np.array([shift])),
    )
    if kind == "acc32":
        product = replace(product, weights=np.ones((1, 4), np.int64), bias=np.array([2**30]))
    assert product_scaling(product).kind == kind


@pytest.mark.parametrize("shift", [-1, -2, -17, -18, -25, -31])
def test_the_parameters_are_those_of_the_formula(shift: int) -> None:
    """What rescale_s16.h makes of them, in exact numbers."""
    product = replace(
        _product(1, 4),
        bias=np.array([2**46]),
        rescale=FixedPoints(np.array([0x7ABCDEF1]), np.array([shift])),
    )
    words = product_scaling(product).parameters[0].tolist()
    multiplier, low, high, right = (words[0], words[1] & 0xFFFFFFFF, words[2], words[3])
    for total in (0, 1, -1, 12345678901234, -98765432109876, 2**46, -(2**46)):
        exact = (total * multiplier + (high << 32) + low) >> (32 + right)
        expected = int(multiply_int16(total, 0x7ABCDEF1, shift))
        assert (exact - expected) % 2**32 == 0
        real = Fraction(total * 0x7ABD, 2**15) * Fraction(2) ** shift
        assert abs(exact - real) <= Fraction(1, 2)


def test_channels_that_are_constant_or_always_zero_keep_the_fast_form() -> None:
    fine = FixedPoint.from_real(2.0**-31)
    product = Int16Product(
        weights=np.array([[0, 0], [1, 1], [3, 4]]),
        # The first one's bias is far beyond 32 bits.
        bias=np.array([-(2**42), 5, 6]),
        rescale=FixedPoints(
            np.array([fine.multiplier, fine.multiplier, 2**30]),
            np.array([fine.shift, fine.shift, -9]),
        ),
    )
    scaling = product_scaling(product)
    assert scaling.kind == "acc32"
    # -2**42 * 2**-31 is -2048, of which -2048 << 16 and 1 << 16 make the same.
    assert scaling.bias_words[:, 0].tolist() == [-2048 << 16, 5, 6]
    assert scaling.parameters[:, 0].tolist() == [1 << 16, 0, *_SHORT]


def test_an_int32_bias_rounds_twice() -> None:
    product = replace(_product(1, 4), bias=np.array([7], np.int32))
    scaling = product_scaling(product)
    assert (scaling.kind, scaling.parameters.tolist()) == ("twice_s16", [[2**30, -9, 0, 0]])


def test_weights_must_fit() -> None:
    product = replace(_product(1, 4), weights=np.array([[1, 128, 2, 3]]))
    assert product.weight_bits == 16
    with pytest.raises(ValueError, match="weights from 0 to 128 do not fit <i1"):
        pack_product_int16(product, 8)


def test_scratch_is_of_whole_groups() -> None:
    assert [product_scratch_bytes_int16(depth) for depth in (1, 4, 5)] == [48, 48, 80]
    assert [dense_scratch_bytes_int16(depth) for depth in (1, 8, 9)] == [16, 16, 32]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Bytes that layers read and write, counted from the loops of their kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from microtvm.compiler.fixed_point import FixedPoint, FixedPoints
from microtvm.compiler.operators import (
    AveragePool2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    LookUp,
    MaxPool2D,
    Operator,
    Softmax,
    Tensor,
    Window,
)
from microtvm.compiler.packing_depthwise import DepthwiseShape
from microtvm.compiler.schedule import RULES
from microtvm.compiler.traffic import Traffic, read_for_each_output, read_once

_CLAMP = (-128, 127)


def _points(count: int) -> FixedPoints:
    return FixedPoints(np.full(count, 1 << 30, np.int32), np.full(count, -8, np.int32))


def _tensors(source: tuple[int, ...], output: tuple[int, ...]) -> list[Tensor]:
    return [Tensor("source", source, "int8", 1.0), Tensor("output", output, "int8", 1.0)]


def _conv(
    source: tuple[int, ...], output: tuple[int, ...], window: Window, groups: int = 1
) -> tuple[Conv2D, Sequence[Tensor]]:
    channels = output[3]
    weights = np.ones((channels, *window.size, source[3] // groups), np.int8)
    bias = np.zeros(channels, np.int32)
    operator = Conv2D((0,), 1, weights, bias, _points(channels), window, groups, _CLAMP)
    return operator, _tensors(source, output)


def _traffic(rule: str, operator: Operator, tensors: Sequence[Tensor], **blocks: int) -> Traffic:
    find = next(entry.traffic for entry in RULES if entry.name == rule)
    return find(operator, tensors, blocks)


def test_pairs_of_pixels_read_the_weights_more_often() -> None:
    case = _conv((1, 7, 1, 8), (1, 7, 1, 5), Window((1, 1)))
    assert _traffic("dsp_matmul", *case, weight_bits=8, pixels=2).constants == 4


def test_a_vector_without_scratch_is_read_for_each_four_rows() -> None:
    """Once for the sum of its neighbours' products, then for two turns of four rows."""
    case = _conv((1, 1, 1, 8), (1, 1, 1, 5), Window((1, 1)))
    assert _traffic("dsp_dense", *case, weight_bits=8, input_bits=8) == Traffic(
        inputs=(8 * 3,), output=5, constants=1
    )


@pytest.mark.parametrize("rule", ["dsp_matmul", "dsp_conv2d"])
def test_a_product_reads_its_weights_for_each_block_of_pixels(rule: str) -> None:
    """Of 7 pixels: four, two and one. 5 channels are three pairs, which read the patch each."""
    case = _conv((1, 7, 1, 8), (1, 7, 1, 5), Window((1, 1)))
    assert _traffic(rule, *case, weight_bits=8) == Traffic(
        inputs=(56,), output=35, scratch_read=56 * 2 * 3, scratch_written=56 * 2, constants=3
    )


def test_a_convolution_reads_its_input_once_a_tap() -> None:
    window = Window((3, 3), padding=(1, 1, 1, 1))
    traffic = _traffic("dsp_conv2d", *_conv((2, 4, 4, 8), (2, 4, 4, 2), window), weight_bits=8)
    assert traffic.inputs == (2 * 16 * 9 * 8,)
    # Four blocks of four pixels in each of two images.
    assert traffic.constants == 8
    grouped = _conv((2, 4, 4, 8), (2, 4, 4, 4), window, groups=2)
    assert _traffic("dsp_conv2d", *grouped, weight_bits=8) == Traffic(
        traffic.inputs, 2 * 16 * 4, traffic.scratch_read, traffic.scratch_written, 8
    )


def test_a_dense_layer_streams_its_weights_once_a_vector() -> None:
    weights, bias = np.ones((10, 64), np.int8), np.zeros(10, np.int32)
    operator = Dense((0,), 1, weights, 0, bias, _points(10), _CLAMP)
    assert _traffic("dsp_dense", operator, _tensors((3, 64), (3, 10))) == Traffic(
        inputs=(192,), output=30, scratch_read=3 * 128 * 3, scratch_written=3 * 128, constants=3
    )


@pytest.mark.parametrize(("band", "bands"), [(4, 1), (2, 2), (1, 4)])
def test_a_depthwise_layer_writes_cells_and_reads_them_by_taps(band: int, bands: int) -> None:
    window = Window((3, 3), padding=(1, 1, 1, 1))
    weights, bias = np.ones((3, 3, 8), np.int8), np.zeros(8, np.int32)
    operator = DepthwiseConv2D((0,), 1, weights, bias, _points(8), window, _CLAMP)
    tensors = _tensors((1, 8, 8, 8), (1, 8, 8, 8))
    traffic = _traffic("dsp_depthwise", operator, tensors, weight_bits=16, band=band)
    shape = DepthwiseShape((8, 8), window)
    assert traffic.constants == bands
    assert traffic.inputs == (512,)
    # Cells of 16 bytes for two groups of four channels; those that bands share are moved.
    assert traffic.scratch_written == 2 * bands * shape.cells(band) * 16
    moved = 2 * (bands - 1) * shape.shared_cells * 16
    # 8 channels of 4 pairs of rows of 8 columns, each of which reads 3 columns of a cell's rows.
    assert traffic.scratch_read == 8 * 4 * 8 * 3 * shape.depth * 4 + moved


def test_plain_loops_read_both_factors_of_each_product() -> None:
    operator, tensors = _conv((1, 4, 4, 8), (1, 4, 4, 2), Window((3, 3), padding=(1, 1, 1, 1)))
    macs = 16 * 2 * 72
    assert read_for_each_output(operator, tensors, {}) == Traffic(
        inputs=(macs,), output=32, constants=macs / (2 * 72)
    )
    pool = AveragePool2D((0,), 1, Window((2, 2), (2, 2)), _CLAMP)
    tensors = _tensors((1, 4, 4, 8), (1, 2, 2, 8))
    assert read_for_each_output(pool, tensors, {}).inputs == (4 * 8 * 4,)


@pytest.mark.parametrize("rule", ["look_up", "plain"])
def test_a_table_is_read_once_an_element(rule: str) -> None:
    operator = LookUp((0,), 1, "relu", np.zeros(256, np.int8))
    tensors = _tensors((1, 64), (1, 64))
    assert _traffic(rule, operator, tensors) == Traffic((64,), 64, constants=0.25)


@pytest.mark.parametrize("rule", ["dsp_softmax", "plain"])
def test_softmax_goes_through_a_row_three_times(rule: str) -> None:
    operator = Softmax((0,), 1, FixedPoint(1 << 30, 0), -100)
    tensors = _tensors((2, 64), (2, 64))
    assert _traffic(rule, operator, tensors) == Traffic((384,), 128, constants=1)


@pytest.mark.parametrize("rule", ["dsp_max_pool", "dsp_max_pool_int16"])
def test_a_pool_reads_its_windows(rule: str) -> None:
    operator = MaxPool2D((0,), 1, Window((2, 3), (1, 1)), _CLAMP)
    tensors = _tensors((1, 4, 4, 8), (1, 3, 2, 8))
    assert _traffic(rule, operator, tensors).inputs == (3 * 2 * 8 * 6,)


def test_other_layers_read_and_write_once() -> None:
    tensors = [*_tensors((1, 6), (1, 6)), Tensor("other", (1, 6), "int16", 1.0)]
    assert read_once(Operator((0, 2), 1), tensors, {}) == Traffic((6, 12), 6)


def test_scratch_of_which_nothing_is_known_is_written_and_read_once() -> None:
    known = Traffic((1,), 1, 30, 20)
    assert known.with_scratch(8) == known
    assert Traffic((1,), 1).with_scratch(8) == Traffic((1,), 1, 8, 8)
    assert Traffic((1,), 1).with_scratch(0) == Traffic((1,), 1)

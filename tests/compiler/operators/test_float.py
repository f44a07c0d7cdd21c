# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Float32 operators against LiteRT: what moves numbers is exact, what computes is close."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.activations import activation, leaky_relu, softmax
from support.convolutions import Convolution, Dense, conv2d, depthwise_conv2d, fully_connected
from support.elementwise import binary
from support.operator_suite import OperatorSuite
from support.pools import mean, pool
from support.shapes import (
    Slice,
    concatenation,
    expand_dims,
    pad,
    reshape,
    resize_nearest,
    squeeze,
    strided_slice,
    transpose,
)
from support.single_operator import Float32

FLOAT = Float32()
IMAGE = FLOAT.operand((2, 6, 7, 3))
SAME = Convolution((3, 3), (2, 2), padding="same", activation="relu6")
DILATED = Convolution((2, 3), dilation=(2, 1), activation="relu")
ACTIVATIONS = ("logistic", "tanh", "relu", "relu6", "relu_n1_to_1", "relu_0_to_1", "hard_swish")
# exp and sums in another order, in float32.
TOLERANCE = 2e-5


def _computing() -> Iterator[tuple[str, bytes]]:
    yield "conv2d", conv2d(IMAGE, 5, FLOAT, SAME)
    yield "conv2d, dilated", conv2d(IMAGE, 4, FLOAT, DILATED)
    yield "conv2d, grouped", conv2d(FLOAT.operand((1, 5, 5, 6)), 4, FLOAT, DILATED, groups=2)
    yield "depthwise", depthwise_conv2d(IMAGE, 1, FLOAT, SAME)
    yield "depthwise by 2", depthwise_conv2d(IMAGE, 2, FLOAT, DILATED)
    yield "dense", fully_connected(FLOAT.operand((3, 17)), 17, Dense(5, activation="relu"), FLOAT)
    yield "dense of an image", fully_connected(IMAGE, 126, Dense(4, has_bias=False), FLOAT)
    for name in ("add", "sub", "mul"):
        yield name, binary(name, IMAGE, FLOAT.operand((7, 1)), IMAGE, "relu_n1_to_1")
    yield "average", pool("average", IMAGE, (3, 2), (2, 1), "same", "relu")
    yield "max", pool("max", IMAGE, (2, 3), (1, 2), "same", "relu6")
    yield "mean", mean(IMAGE, FLOAT.operand(()), (1, 2), True)
    yield "mean of channels", mean(IMAGE, FLOAT.operand(()), (-1,), False)
    yield "softmax", softmax((3, 10), FLOAT, target=FLOAT)
    yield "softmax, beta 0.5", softmax((2, 2, 3), FLOAT, beta=0.5, target=FLOAT)
    yield "leaky_relu", leaky_relu((3, 17), FLOAT, FLOAT, 0.3)
    for name in ACTIVATIONS:
        yield name, activation(name, (3, 17), FLOAT, FLOAT)


def _moving() -> Iterator[tuple[str, bytes]]:
    yield "pad", pad(IMAGE, ((0, 0), (1, 2), (0, 3), (0, 0)))
    yield "concatenation", concatenation([IMAGE, FLOAT.operand((2, 6, 7, 2))], -1)
    yield "reshape", reshape(IMAGE, (2, 126))
    yield "squeeze", squeeze(FLOAT.operand((1, 4, 1)), (0,))
    yield "expand_dims", expand_dims(IMAGE, 0)
    yield "transpose", transpose(IMAGE, (0, 3, 1, 2))
    yield "slice", strided_slice(IMAGE, Slice((0, 5, 1), (2, 0, 7), (1, -2, 3), end_mask=2))
    yield "slice and drop", strided_slice(IMAGE, Slice((1, 2), (2, 5), (1, 1), shrink_axis_mask=1))
    for size in ((12, 14), (5, 3), (1, 1)):
        for mode in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
            yield f"resize to {size} {mode}", resize_nearest(IMAGE, size, **mode)


COMPUTING, MOVING = dict(_computing()), dict(_moving())
CASES = {**COMPUTING, **MOVING}


@pytest.mark.parametrize("name", COMPUTING)
def test_is_close_to_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name, tolerance=TOLERANCE)


@pytest.mark.parametrize("name", MOVING)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)

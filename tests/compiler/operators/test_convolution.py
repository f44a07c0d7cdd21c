# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""CONV_2D and DEPTHWISE_CONV_2D against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
from support.convolutions import Convolution, conv2d, output_for
from support.drawn_cases import convolution_cases, depthwise_cases, grouped_cases
from support.draws import Draws
from support.operator_suite import OperatorSuite


def _single_pixels() -> Iterator[tuple[str, bytes]]:
    """The window's part over the image is the image."""
    draws = Draws(4)
    shapes = [
        ((1, 1), (1, 1), "same", (1, 1)),
        ((1, 1), (3, 3), "same", (1, 1)),
        ((1, 1), (2, 5), "same", (1, 1)),
        ((3, 4), (3, 4), "valid", (1, 1)),
        ((2, 3), (5, 5), "same", (3, 3)),
        ((1, 4), (2, 4), "same", (2, 4)),
    ]
    for number, (image, size, padding, strides) in enumerate(shapes):
        batch, channels = ((1, 5), (1, 16), (3, 8))[number % 3]
        window = Convolution(size, strides, padding=padding, activation=draws.activation())
        source = draws.quantized().operand((batch, *image, channels))
        target = output_for(source, channels * image[0] * image[1], draws)
        name = f"{batch} of {image} by {size}, {channels} channels"
        yield name, conv2d(source, draws.lane(), target, window, seed=channels)


CHOOSE = choose_kernel
_SINGLE_PIXELS = dict(_single_pixels())
CASES = {
    **dict(convolution_cases(Draws(1))),
    **dict(grouped_cases(Draws(2))),
    **_SINGLE_PIXELS,
    **dict(depthwise_cases(Draws(3))),
}


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_one_layer(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) in (["conv2d"], ["depthwise_conv2d"])


@pytest.mark.parametrize("name", CASES)
def test_is_computed_by_a_kernel(suite: OperatorSuite, name: str) -> None:
    (schedule,) = suite.schedules(name)
    assert schedule != "plain"


@pytest.mark.parametrize("name", _SINGLE_PIXELS)
def test_a_window_over_the_whole_image_streams_its_weights(suite: OperatorSuite, name: str) -> None:
    assert suite.schedules(name) == ["dsp_dense"]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""CONV_2D and DEPTHWISE_CONV_2D against LiteRT's reference kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
from support.convolutions import Convolution, conv2d, depthwise_conv2d, output_for
from support.draws import LANES, Draws
from support.operator_suite import OperatorSuite
from support.single_operator import Operand


def _window(draws: Draws, size: tuple[int, int] | None = None) -> Convolution:
    dilation = draws.one_of(((1, 1), (1, 1), (2, 2), (1, 3)))
    strides = (draws.between(1, 3), draws.between(1, 3)) if dilation == (1, 1) else (1, 1)
    return Convolution(
        size or (draws.between(1, 4), draws.between(1, 4)),
        strides,
        dilation,
        draws.one_of(("same", "valid")),
        draws.activation(),
        per_channel=draws.chance(),
        has_bias=draws.between(0, 3) > 0,
    )


def _image(draws: Draws, window: Convolution, channels: int) -> Operand:
    """An image that a window fits in at least once."""
    rows, columns = (
        (size - 1) * dilation + 1 + draws.between(0, 6)
        for size, dilation in zip(window.size, window.dilation, strict=True)
    )
    return draws.quantized().operand((draws.between(1, 2), rows, columns, channels))


def _convolution(draws: Draws, channels: int, outputs: int, window: Convolution) -> bytes:
    source = _image(draws, window, channels)
    target = output_for(source, channels * window.size[0] * window.size[1], draws)
    return conv2d(source, outputs, target, window, seed=draws.between(0, 10**6))


def _convolutions() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for channels in LANES:
        window = _window(draws, (1, 1))
        yield f"pointwise {channels} in", _convolution(draws, channels, draws.lane(), window)
        window = _window(draws, (3, 3))
        yield f"3x3 {channels} in", _convolution(draws, channels, draws.lane(), window)
        yield f"{channels} out", _convolution(draws, draws.lane(), channels, _window(draws))
    for number in range(40):
        model = _convolution(draws, draws.lane(), draws.lane(), _window(draws))
        yield f"drawn {number}", model


def _grouped() -> Iterator[tuple[str, bytes]]:
    draws = Draws(2)
    for groups in (2, 3, 4):
        for depth in (1, 2, 5, 8):
            window = _window(draws)
            source = _image(draws, window, groups * depth)
            target = output_for(source, depth * window.size[0] * window.size[1], draws)
            outputs = groups * draws.between(1, 4)
            model = conv2d(source, outputs, target, window, groups=groups, seed=groups)
            yield f"{groups} groups of {depth}", model


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


def _depthwise() -> Iterator[tuple[str, bytes]]:
    draws = Draws(3)
    for channels in LANES:
        for multiplier in (1, draws.between(2, 5)):
            window = _window(draws, draws.one_of(((3, 3), None)))
            source = _image(draws, window, channels)
            target = output_for(source, window.size[0] * window.size[1], draws)
            seed = draws.between(0, 10**6)
            model = depthwise_conv2d(source, multiplier, target, window, seed=seed)
            yield f"depthwise {channels} by {multiplier}", model


CHOOSE = choose_kernel
_SINGLE_PIXELS = dict(_single_pixels())
CASES = {
    **dict(_convolutions()),
    **dict(_grouped()),
    **_SINGLE_PIXELS,
    **dict(_depthwise()),
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

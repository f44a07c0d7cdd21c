# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""One-dimensional convolutions against LiteRT's reference kernels.

TFLite has them as CONV_2D with a window of 1 x k or of k x 1 between EXPAND_DIMS and RESHAPE.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.choices import choose_kernel
from support.conv1d import conv1d
from support.convolutions import Convolution, output_for
from support.draws import Draws
from support.operator_suite import OperatorSuite

_ORDERS = {"1 x k": 1, "k x 1": 2}


def _cases() -> Iterator[tuple[str, bytes]]:
    draws = Draws(1)
    for order, axis in _ORDERS.items():
        for number in range(8):
            dilation = draws.one_of((1, 1, 2, 3))
            stride = draws.between(1, 3) if dilation == 1 else 1
            length = draws.between(2, 9)
            # The axis that was inserted has a window of one.
            sizes = [(1, 1, 1), (length, stride, dilation)]
            size, strides, dilations = zip(*(sizes if axis == 1 else sizes[::-1]), strict=True)
            window = Convolution(
                size,
                strides,
                dilations,
                draws.one_of(("same", "valid")),
                draws.activation(),
                per_channel=draws.chance(),
            )
            samples = (length - 1) * dilation + draws.between(1, 20)
            channels = draws.lane()
            source = draws.quantized().operand((draws.between(1, 2), samples, channels))
            target = output_for(source, length * channels, draws)
            name = f"{order}, {channels} channels, {number}"
            model = conv1d(source, draws.lane(), target, window, axis=axis, seed=number)
            yield name, model


CHOOSE = choose_kernel
CASES = dict(_cases())


@pytest.mark.parametrize("name", CASES)
def test_equals_the_reference(suite: OperatorSuite, name: str) -> None:
    suite.check(name)


@pytest.mark.parametrize("name", CASES)
def test_is_computed_by_a_kernel(suite: OperatorSuite, name: str) -> None:
    assert suite.operators(name) == ["reshape", "conv2d", "reshape"]
    assert suite.schedules(name)[1] != "plain"

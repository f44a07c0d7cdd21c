# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Each layer's gradients against differences of its output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from digits.layers import (
    Array,
    AveragePool2D,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Layer,
    fold_patches,
    patches,
    same_padding,
)

_STEP = 1e-6

LAYERS: dict[str, Callable[[np.random.Generator], Layer]] = {
    "conv": lambda rng: Conv2D(rng, kernel=3, inputs=2, outputs=3),
    "conv stride 2": lambda rng: Conv2D(rng, kernel=3, inputs=2, outputs=3, stride=2),
    "pointwise": lambda rng: Conv2D(rng, kernel=1, inputs=2, outputs=3),
    "depthwise": lambda rng: DepthwiseConv2D(rng, kernel=3, channels=2),
    "depthwise stride 2": lambda rng: DepthwiseConv2D(rng, kernel=3, channels=2, stride=2),
    "pool": lambda rng: AveragePool2D(2),
    "dense": lambda rng: Dense(rng, inputs=32, outputs=3),
}


def _slopes(loss: Callable[[], float], values: Array) -> Array:
    """The loss's slope by each value, from two runs a value."""
    slopes = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + _STEP
        above = loss()
        values[index] = kept - _STEP
        slopes[index] = (above - loss()) / (2 * _STEP)
        values[index] = kept
    return slopes


@pytest.mark.parametrize("name", LAYERS)
def test_gradients(name: str) -> None:
    rng = np.random.default_rng(1)
    layer = LAYERS[name](rng)
    data = rng.normal(size=(2, 4, 4, 2))
    direction = rng.normal(size=layer.forward(data).shape)

    def loss() -> float:
        return float(np.sum(layer.forward(data) * direction))

    loss()
    gradient = layer.backward(direction)
    np.testing.assert_allclose(gradient, _slopes(loss, data), atol=1e-6)
    for key, values in layer.parameters.items():
        np.testing.assert_allclose(layer.gradients[key], _slopes(loss, values), atol=1e-6)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "expected"),
    [(8, 3, 1, (1, 1)), (8, 3, 2, (0, 1)), (7, 3, 2, (1, 1)), (8, 1, 2, (0, 0)), (8, 2, 1, (0, 1))],
)
def test_same_padding(size: int, kernel: int, stride: int, expected: tuple[int, int]) -> None:
    assert same_padding(size, kernel, stride) == expected


def test_fold_counts_how_many_windows_hold_each_pixel() -> None:
    data = np.ones((1, 3, 3, 1))
    counts = fold_patches(np.ones_like(patches(data, 3, 1)), data.shape, 1)
    assert counts[0, :, :, 0].tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]

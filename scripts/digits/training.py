# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The network, and its training with Adam on images shifted by up to a pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from digits.layers import Array, AveragePool2D, Conv2D, Dense, DepthwiseConv2D, Layer

Labels = npt.NDArray[np.int64]

_MOMENTUM = 0.9
_SQUARE_DECAY = 0.999
_EPSILON = 1e-8


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train. The rate falls to zero along a cosine."""

    epochs: int = 60
    batch: int = 64
    rate: float = 4e-3


def build_network(rng: np.random.Generator) -> list[Layer]:
    """8x8x1 pixels to the logits of ten digits, some 22,000 multiplications."""
    return [
        Conv2D(rng, kernel=3, inputs=1, outputs=16),
        DepthwiseConv2D(rng, kernel=3, channels=16, stride=2),
        Conv2D(rng, kernel=1, inputs=16, outputs=32),
        AveragePool2D(2),
        Dense(rng, inputs=2 * 2 * 32, outputs=10),
    ]


def train(
    network: Sequence[Layer],
    images: Array,
    labels: Labels,
    rng: np.random.Generator,
    schedule: Schedule,
) -> None:
    """Fits the network's parameters in place."""
    optimizer = _Adam(network)
    starts = range(0, len(images), schedule.batch)
    steps = schedule.epochs * len(starts)
    for epoch in range(schedule.epochs):
        order = rng.permutation(len(images))
        for index, start in enumerate(starts):
            chosen = order[start : start + schedule.batch]
            _gradients(network, _shifted(images[chosen], rng), labels[chosen])
            progress = (epoch * len(starts) + index) / steps
            optimizer.step(schedule.rate * (1 + np.cos(np.pi * progress)) / 2)


def predict(network: Sequence[Layer], images: Array) -> Array:
    """The logits."""
    for layer in network:
        images = layer.forward(images)
    return images


def accuracy(network: Sequence[Layer], images: Array, labels: Labels) -> float:
    return float(np.mean(predict(network, images).argmax(axis=1) == labels))


def _gradients(network: Sequence[Layer], images: Array, labels: Labels) -> None:
    """Sets each layer's gradients of the mean cross-entropy."""
    logits = predict(network, images)
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    gradient = exponentials / exponentials.sum(axis=1, keepdims=True)
    gradient[np.arange(len(labels)), labels] -= 1.0
    gradient /= len(labels)
    for layer in reversed(network):
        gradient = layer.backward(gradient)


def _shifted(images: Array, rng: np.random.Generator) -> Array:
    """Each image moved by up to a pixel in both directions, most often not at all."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows, columns = rng.choice(3, (2, len(images)), p=(0.1, 0.8, 0.1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:3], axis=(1, 2))
    chosen: Array = windows[np.arange(len(images)), rows, columns]
    return chosen.transpose(0, 2, 3, 1)


class _Adam:
    def __init__(self, network: Sequence[Layer]) -> None:
        self._slots = [(layer, name) for layer in network for name in layer.parameters]
        zeros = [np.zeros_like(layer.parameters[name]) for layer, name in self._slots]
        self._means, self._squares = zeros, [zero.copy() for zero in zeros]
        self._count = 0

    def step(self, rate: float) -> None:
        self._count += 1
        scale = np.sqrt(1 - _SQUARE_DECAY**self._count) / (1 - _MOMENTUM**self._count)
        for (layer, name), mean, square in zip(
            self._slots, self._means, self._squares, strict=True
        ):
            gradient = layer.gradients[name]
            mean += (1 - _MOMENTUM) * (gradient - mean)
            square += (1 - _SQUARE_DECAY) * (gradient**2 - square)
            layer.parameters[name] -= rate * scale * mean / (np.sqrt(square) + _EPSILON)

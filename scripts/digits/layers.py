# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers of a convolutional network with their gradients, in numpy alone.

Activations are NHWC, padding is SAME as TFLite counts it, and each layer keeps what its backward
step needs between `forward` and `backward`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Layer(ABC):
    """One step of the network; `parameters` and `gradients` have the same keys."""

    def __init__(self) -> None:
        self.parameters: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}

    @abstractmethod
    def forward(self, data: Array) -> Array:
        """The layer's output for a batch."""

    @abstractmethod
    def backward(self, gradient: Array) -> Array:
        """The loss's gradient by the input, given that by the output; sets `gradients`."""


class Conv2D(Layer):
    """A convolution with a bias and a ReLU."""

    def __init__(
        self, rng: np.random.Generator, kernel: int, inputs: int, outputs: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        fan_in = kernel * kernel * inputs
        self.parameters = {
            "weight": _he(rng, (kernel, kernel, inputs, outputs), fan_in),
            "bias": np.zeros(outputs),
        }

    def forward(self, data: Array) -> Array:
        self._shape = data.shape
        self._patches = patches(data, self.kernel, self.stride)
        weight = self.parameters["weight"]
        result = np.tensordot(self._patches, weight, axes=3) + self.parameters["bias"]
        self._positive = result > 0
        return np.asarray(np.maximum(result, 0.0))

    def backward(self, gradient: Array) -> Array:
        gradient = gradient * self._positive
        self.gradients = {
            "weight": np.tensordot(self._patches, gradient, axes=([0, 1, 2], [0, 1, 2])),
            "bias": gradient.sum(axis=(0, 1, 2)),
        }
        spread = np.tensordot(gradient, self.parameters["weight"], axes=([3], [3]))
        return fold_patches(spread, self._shape, self.stride)


class DepthwiseConv2D(Layer):
    """A convolution of each channel by itself, with a bias and a ReLU."""

    def __init__(
        self, rng: np.random.Generator, kernel: int, channels: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.kernel = kernel
        self.stride = stride
        self.parameters = {
            "weight": _he(rng, (kernel, kernel, channels), kernel * kernel),
            "bias": np.zeros(channels),
        }

    def forward(self, data: Array) -> Array:
        self._shape = data.shape
        self._patches = patches(data, self.kernel, self.stride)
        products = np.einsum("nhwijc,ijc->nhwc", self._patches, self.parameters["weight"])
        result = products + self.parameters["bias"]
        self._positive = result > 0
        return np.asarray(np.maximum(result, 0.0))

    def backward(self, gradient: Array) -> Array:
        gradient = gradient * self._positive
        self.gradients = {
            "weight": np.einsum("nhwijc,nhwc->ijc", self._patches, gradient),
            "bias": gradient.sum(axis=(0, 1, 2)),
        }
        spread: Array = gradient[:, :, :, None, None, :] * self.parameters["weight"]
        return fold_patches(spread, self._shape, self.stride)


class AveragePool2D(Layer):
    """The mean of each `size` by `size` window, without overlap; it must divide the image."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, data: Array) -> Array:
        batch, height, width, channels = data.shape
        size = self.size
        windows = data.reshape(batch, height // size, size, width // size, size, channels)
        return np.asarray(windows.mean(axis=(2, 4)))

    def backward(self, gradient: Array) -> Array:
        wide = gradient.repeat(self.size, axis=1).repeat(self.size, axis=2)
        return np.asarray(wide / self.size**2)


class Dense(Layer):
    """Flattens each image, then a matrix product with a bias."""

    def __init__(self, rng: np.random.Generator, inputs: int, outputs: int) -> None:
        super().__init__()
        self.parameters = {
            "weight": _he(rng, (inputs, outputs), inputs),
            "bias": np.zeros(outputs),
        }

    def forward(self, data: Array) -> Array:
        self._shape = data.shape
        self._flat = data.reshape(len(data), -1)
        return np.asarray(self._flat @ self.parameters["weight"] + self.parameters["bias"])

    def backward(self, gradient: Array) -> Array:
        self.gradients = {"weight": self._flat.T @ gradient, "bias": gradient.sum(axis=0)}
        return (gradient @ self.parameters["weight"].T).reshape(self._shape)


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis; TFLite puts the odd one after."""
    outputs = -(-size // stride)
    total = max((outputs - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def patches(data: Array, kernel: int, stride: int) -> Array:
    """The window under each output position: (batch, out_h, out_w, kernel, kernel, channels)."""
    height, width = data.shape[1:3]
    pads = (same_padding(height, kernel, stride), same_padding(width, kernel, stride))
    padded = np.pad(data, ((0, 0), *pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(1, 2))
    return np.ascontiguousarray(windows[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3))


def fold_patches(spread: Array, shape: tuple[int, ...], stride: int) -> Array:
    """The transpose of `patches`: adds each window's values up where they came from."""
    _, out_height, out_width, kernel = spread.shape[:4]
    batch, height, width, channels = shape
    top, bottom = same_padding(height, kernel, stride)
    left, right = same_padding(width, kernel, stride)
    padded = np.zeros((batch, top + height + bottom, left + width + right, channels))
    for row in range(kernel):
        for column in range(kernel):
            rows = slice(row, row + stride * out_height, stride)
            columns = slice(column, column + stride * out_width, stride)
            padded[:, rows, columns] += spread[:, :, :, row, column]
    return padded[:, top : top + height, left : left + width]


def _he(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> Array:
    return rng.normal(0.0, np.sqrt(2.0 / fan_in), shape)

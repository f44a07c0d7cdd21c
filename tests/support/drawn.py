# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of one operator whose shapes, scales and options are drawn, at int8 or int16."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from support.convolutions import (
    Convolution,
    Dense,
    conv2d,
    depthwise_conv2d,
    fully_connected,
    output_for,
)
from support.draws import Draws
from support.elementwise import binary
from support.pools import pool
from support.single_operator import Operand

Shape = tuple[int, ...]
# Exponents of two of the scales of int8 outputs.
OUTPUT_SCALES = {"add": (-6.0, -2.0), "sub": (-6.0, -2.0), "mul": (-8.0, -4.0)}


def drawn_window(draws: Draws, size: tuple[int, int] | None = None) -> Convolution:
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
        bias_type=_bias_type(draws),
    )


def _bias_type(draws: Draws) -> str:
    """Of a layer of int16; int8 has one alone."""
    return draws.one_of(("int64", "int64", "int32")) if draws.dtype == "int16" else "int32"


def _image(draws: Draws, window: Convolution, channels: int) -> Operand:
    """An image that a window fits in at least once."""
    rows, columns = (
        (size - 1) * dilation + 1 + draws.between(0, 6)
        for size, dilation in zip(window.size, window.dilation, strict=True)
    )
    return draws.quantized().operand((draws.between(1, 2), rows, columns, channels))


def drawn_convolution(draws: Draws, channels: int, outputs: int, window: Convolution) -> bytes:
    source = _image(draws, window, channels)
    target = output_for(source, channels * window.size[0] * window.size[1], draws)
    return conv2d(source, outputs, target, window, seed=draws.between(0, 10**6))


def drawn_grouped(draws: Draws, groups: int, depth: int) -> bytes:
    """`depth` input channels a group."""
    window = drawn_window(draws)
    source = _image(draws, window, groups * depth)
    target = output_for(source, depth * window.size[0] * window.size[1], draws)
    outputs = groups * draws.between(1, 4)
    return conv2d(source, outputs, target, window, groups=groups, seed=groups)


def drawn_depthwise(draws: Draws, channels: int, multiplier: int) -> bytes:
    window = drawn_window(draws, draws.one_of(((3, 3), None)))
    source = _image(draws, window, channels)
    target = output_for(source, window.size[0] * window.size[1], draws)
    return depthwise_conv2d(source, multiplier, target, window, seed=draws.between(0, 10**6))


def drawn_dense(draws: Draws, shape: Shape, inputs: int, dense: Dense) -> bytes:
    """`dense` with another activation, and with or without a bias."""
    source = draws.quantized().operand(shape)
    target = output_for(source, inputs, draws)
    drawn = replace(
        dense,
        activation=draws.activation(),
        has_bias=draws.between(0, 3) > 0,
        bias_type=_bias_type(draws),
    )
    return fully_connected(source, inputs, drawn, target, seed=draws.between(0, 10**6))


def drawn_pool(draws: Draws, name: str, channels: int) -> bytes:
    """`name` is "average" or "max"."""
    size = (draws.between(1, 5), draws.between(1, 5))
    padding = draws.one_of(("same", "valid"))
    extra = (draws.between(0, 6), draws.between(0, 6))
    rows, columns = (
        window + more if padding == "valid" else 1 + more
        for window, more in zip(size, extra, strict=True)
    )
    source = draws.quantized().operand((draws.between(1, 2), rows, columns, channels))
    strides = (draws.between(1, 3), draws.between(1, 3))
    return pool(name, source, size, strides, padding, draws.activation())


def drawn_binary(
    draws: Draws, name: str, shapes: tuple[Shape, Shape], constant: int | None
) -> bytes:
    """`name` is "add", "sub" or "mul"; `constant` is the index of the constant operand."""
    operands: list[Operand] = [
        draws.quantized().operand(shape, draws.values(shape) if index == constant else None)
        for index, shape in enumerate(shapes)
    ]
    output = draws.quantized(*OUTPUT_SCALES[name]).operand(np.broadcast_shapes(*shapes))
    return binary(name, operands[0], operands[1], output, draws.activation())

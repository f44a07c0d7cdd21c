# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Layers of each schedule whose output may lie over an input, of shapes around lane boundaries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import tflite
from tflite_writer import Options

from microtvm.compiler.choice import Choice, Choose
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedule import cheapest_schedule
from support.choices import choose_kernel, choose_plain
from support.convolutions import Convolution, Dense, conv2d, depthwise_conv2d, fully_connected
from support.draws import Draws
from support.elementwise import binary
from support.overlap_kernel_cases import kernel_cases
from support.placements import OneLayer
from support.pools import pool
from support.single_operator import Float32, Operand, Quantized, single_operator

_CODE = tflite.BuiltinOperator
_KIND = Quantized(0.05, 3)
_SIZES = ((1, 1), (3, 3), (1, 3), (3, 1), (5, 5), (2, 2), (7, 4))
_STRIDES = ((1, 1), (1, 1), (2, 2), (1, 2), (3, 1))


def choose_small_band(
    operator: Operator, tensors: Sequence[Tensor], options: CompileOptions
) -> Choice:
    """The kernel with the least scratch."""
    choice = cheapest_schedule(operator, tensors, options)
    candidates = (choice.taken, *choice.others)
    return replace(choice, taken=min(candidates, key=lambda one: one.blocks.get("band", 1000)))


def overlap_cases() -> dict[str, OneLayer]:
    """By name: the schedule's, the operator's, and a number."""
    cases: dict[str, OneLayer] = {}
    for kind, model, choose in _models():
        layer = OneLayer.of(model, choose)
        cases[f"{layer.schedule}-{kind}-{len(cases)}"] = layer
    return cases


def _models() -> Iterator[tuple[str, bytes, Choose]]:
    draws = Draws(20)
    for _ in range(14):
        window = _window(draws)
        model = conv2d(_image(draws), draws.between(1, 12), _KIND, window)
        yield "conv2d", model, draws.one_of((choose_kernel, choose_kernel, choose_plain))
    for _ in range(6):
        point = Convolution((1, 1))
        yield "conv2d", conv2d(_image(draws), draws.lane(), _KIND, point), choose_kernel
    whole = Convolution((4, 5))
    yield "conv2d", conv2d(_KIND.operand((1, 4, 5, 3)), 70, _KIND, whole), choose_kernel
    for number in range(18):
        window, multiplier = _window(draws), draws.one_of((1, 1, 1, 2))
        model = depthwise_conv2d(_image(draws), multiplier, _KIND, window)
        choose = (choose_small_band, choose_kernel, choose_plain)[number % 3]
        yield "depthwise", model, choose
    for vectors in (1, 2, 3, 4, 7):
        source = _KIND.operand((vectors, draws.lane()))
        model = fully_connected(source, source.shape[1], Dense(draws.lane()), _KIND)
        yield "dense", model, choose_kernel
    yield from _others(draws)
    yield from kernel_cases(draws, choose_small_band, _window)


def _others(draws: Draws) -> Iterator[tuple[str, bytes, Choose]]:
    for name in ("average", "max"):
        for _ in range(3):
            size = (draws.between(1, 4), draws.between(1, 4))
            strides = (draws.between(1, 3), draws.between(1, 3))
            model = pool(name, _image(draws), size, strides, draws.one_of(("same", "valid")))
            yield name, model, choose_plain
    for name in ("add", "sub", "mul"):
        for first, second in (((1, 3, 5, 7), (1, 3, 5, 7)), ((1, 4, 8), (1, 1, 8))):
            operands = (_KIND.operand(first), Quantized(0.03, -5).operand(second))
            model = binary(name, *operands, Quantized(0.09, 1).operand(first))
            yield name, model, choose_plain
            yield name, model, choose_kernel
    for build in (_softmax, _logistic, _quantize, _dequantize):
        for shape in ((1, 1), (3, 17)):
            yield build.__name__[1:], build(shape), choose_plain
            yield build.__name__[1:], build(shape), choose_kernel


def _image(draws: Draws) -> Operand:
    return _KIND.operand((1, draws.between(4, 13), draws.between(4, 11), draws.between(1, 12)))


def _window(draws: Draws) -> Convolution:
    padding = draws.one_of(("same", "same", "valid"))
    size = draws.one_of(_SIZES if padding == "same" else _SIZES[:4])
    strides = draws.one_of(_STRIDES)
    dilation = draws.one_of(((1, 1), (1, 1), (2, 2))) if padding == "same" else (1, 1)
    return Convolution(size, strides if dilation == (1, 1) else (1, 1), dilation, padding)


def _softmax(shape: tuple[int, ...]) -> bytes:
    target = Quantized(1 / 256, -128).operand(shape)
    options = Options("SoftmaxOptions", {"beta": 1.0})
    return single_operator(_CODE.SOFTMAX, [_KIND.operand(shape)], [target], options, version=2)


def _logistic(shape: tuple[int, ...]) -> bytes:
    target = Quantized(1 / 256, -128).operand(shape)
    return single_operator(_CODE.LOGISTIC, [_KIND.operand(shape)], [target], version=2)


def _quantize(shape: tuple[int, ...]) -> bytes:
    return single_operator(_CODE.QUANTIZE, [Float32().operand(shape)], [_KIND.operand(shape)])


def _dequantize(shape: tuple[int, ...]) -> bytes:
    target = Float32().operand(shape)
    return single_operator(_CODE.DEQUANTIZE, [_KIND.operand(shape)], [target], version=2)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of one operator at int16 (TFLite's 16x8) by name, at least 200 of each hot one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from support.activations import dequantize, quantize
from support.convolutions import Convolution, Dense, conv2d, depthwise_conv2d, fully_connected
from support.drawn import drawn_dense
from support.drawn_cases import (
    Cases,
    asymmetric_dense_cases,
    binary_cases,
    convolution_cases,
    dense_cases,
    dense_cases_by_rank,
    depthwise_cases,
    grouped_cases,
    pool_cases,
)
from support.draws import LANES, Draws
from support.elementwise import binary
from support.pools import pool
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
from support.single_operator import Operand, Quantized

# The largest sum of 16x8 products that 32 bits hold has 516 or 517 terms at the extremes.
_TERMS_AROUND_INT32 = (515, 516, 517, 520, 1040)
_WIDE_SUMS = Quantized(0.001, 0, "int16")


def _seeded(generator: Callable[[Draws], Cases], seeds: int) -> Cases:
    for seed in range(seeds):
        for name, model in generator(Draws(100 + seed, "int16")):
            yield f"{name}, seed {seed}", model


def convolutions() -> Cases:
    yield from _seeded(convolution_cases, 2)
    yield from _seeded(grouped_cases, 3)
    source = Quantized(1e-4, 0, "int16")
    for depth in _TERMS_AROUND_INT32:
        for extreme in (-127, 127):
            window = Convolution((1, 1), per_channel=False, extreme=extreme)
            model = conv2d(source.operand((1, 2, 2, depth)), 3, _WIDE_SUMS, window)
            yield f"{depth} weights of {extreme}", model
    window = Convolution((3, 3), largest_bias=2**40)
    model = conv2d(source.operand((1, 5, 5, 4)), 8, Quantized(50.0, 0, "int16"), window)
    yield "bias of 40 bits", model


def depthwise() -> Cases:
    yield from _seeded(depthwise_cases, 7)
    source = Quantized(1e-4, 0, "int16").operand((1, 26, 26, 3))
    for size in (22, 23, 24):
        window = Convolution((size, size), per_channel=False, extreme=127)
        yield f"{size}x{size} weights of 127", depthwise_conv2d(source, 2, _WIDE_SUMS, window)
    window = Convolution((3, 3), largest_bias=2**40)
    model = depthwise_conv2d(source, 1, Quantized(50.0, 0, "int16"), window)
    yield "bias of 40 bits", model


def dense() -> Cases:
    yield from _seeded(dense_cases, 3)
    yield from _seeded(dense_cases_by_rank, 2)
    yield from _seeded(asymmetric_dense_cases, 1)
    # As many sums as it takes to meet one that a multiplier of 31 bits would round another way.
    draws = Draws(9, "int16")
    for depth in (3, 50, 200):
        yield f"8192 rows of {depth}", drawn_dense(draws, (8192, depth), depth, Dense(16))
    source = Quantized(1e-4, 0, "int16")
    for depth in _TERMS_AROUND_INT32:
        for extreme in (-127, 127):
            layer = Dense(3, extreme=extreme)
            model = fully_connected(source.operand((2, depth)), depth, layer, _WIDE_SUMS)
            yield f"{depth} weights of {extreme}", model


def pools() -> Cases:
    yield from _seeded(pool_cases, 3)
    whole = Draws(1, "int16").quantized().operand((1, 25, 5, 64))
    yield "average of the whole image", pool("average", whole, (25, 5), (25, 5), "valid")
    # Sums up to the last that 32 bits hold: 65,535 elements of -32,768.
    whole = Draws(1, "int16").quantized().operand((1, 255, 257, 1))
    yield "average of 65535", pool("average", whole, (255, 257), (1, 1), "valid")
    yield "max of 65535", pool("max", whole, (255, 257), (1, 1), "valid")


def additions() -> Cases:
    yield from _seeded(lambda draws: binary_cases(draws, "add"), 3)
    yield from _powers_of_two("add")


def subtractions_and_products() -> Cases:
    yield from _seeded(lambda draws: binary_cases(draws, "sub"), 1)
    yield from _seeded(lambda draws: binary_cases(draws, "mul"), 1)
    yield from _powers_of_two("sub")


def _powers_of_two(name: str) -> Cases:
    """Both forms of scales that are powers of two, or nearly; the other operand is shifted."""
    draws = Draws(7, "int16")
    for number in range(45):
        shift = draws.one_of((0, 0, 1, 2, 3, 7, 8, 14, 15))
        output = 2.0 ** draws.between(-12, -6)
        # LiteRT takes what is within 1/1000 of a power, as a logarithm, for one.
        off = draws.one_of((1.0, 1.0, 1.0004, 0.9996))
        scales = [output * off, output * 2.0**-shift]
        if draws.chance():
            scales.reverse()
        shape = (draws.between(1, 3), draws.lane(), draws.lane())
        operands = _operands((*scales, output), shape)
        for special in (True, False):
            if not special and shift > 14:
                continue
            model = binary(name, *operands, draws.activation(), power_of_two=special)
            form = "power-of-two" if special else "general"
            yield f"{name} {number} shifted by {shift}, {form} form", model


def moves() -> Cases:
    """Operators that move elements, and those from and to float32."""
    draws = Draws(8, "int16")
    for size in LANES:
        yield f"quantize {size}", quantize((1, size), draws.quantized())
        yield f"dequantize {size}", dequantize((1, size), draws.quantized())
        image = draws.quantized().operand((1, draws.between(1, 4), draws.between(2, 4), size))
        widths = ((0, 0), (1, 2), (0, 3), (draws.between(0, 2), 0))
        yield f"pad {size}", pad(image, widths)
        yield f"pad {size} with a value", pad(image, widths, draws.between(-32768, 32767))
        constant = replace(image, data=draws.values(image.shape))
        yield f"concatenate {size}", concatenation([image, constant, image], 3)
        yield f"transpose {size}", transpose(image, (0, 3, 1, 2))
        taken = Slice((0, 0, 1, 0), (1, 9, 9, size), (1, 1, 1, 1))
        yield f"strided_slice {size}", strided_slice(image, taken)
        yield f"resize_nearest {size}", resize_nearest(image, (5, 7))
        yield f"reshape {size}", reshape(image, (size, -1))
        yield f"reshape {size} by squeeze", squeeze(image, (0,))
        yield f"reshape {size} by expand_dims", expand_dims(image, -1)


def _operands(scales: tuple[float, ...], shape: tuple[int, ...]) -> list[Operand]:
    return [Quantized(scale, 0, "int16").operand(shape) for scale in scales]


def all_cases() -> Mapping[str, Callable[[], Iterator[tuple[str, bytes]]]]:
    return {
        "conv2d": convolutions,
        "depthwise_conv2d": depthwise,
        "dense": dense,
        "pools": pools,
        "add": additions,
        "sub and mul": subtractions_and_products,
        "moves": moves,
    }

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""More layers whose output may lie over an input: by kernels of pools, moves, groups and int16."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from microtvm.compiler.choice import Choice, Choose
from microtvm.compiler.operators import Operator, Tensor
from microtvm.compiler.options import CompileOptions
from microtvm.compiler.schedule import cheapest_schedule
from support.choices import choose_kernel
from support.convolutions import Convolution, Dense, conv2d, depthwise_conv2d, fully_connected
from support.draws import Draws
from support.elementwise import binary
from support.pools import mean, pool
from support.shapes import concatenation, pad, reshape
from support.single_operator import Operand, Quantized

_KIND, _KIND_INT16 = Quantized(0.05, 3), Quantized(1e-3, 0, "int16")
_WIDE = Quantized(2e-2, 0, "int16")
Window = Callable[[Draws], Convolution]


def choose_pairs(operator: Operator, tensors: Sequence[Tensor], options: CompileOptions) -> Choice:
    """The kernel by two pixels at a time."""
    choice = cheapest_schedule(operator, tensors, options)
    candidates = (choice.taken, *choice.others)
    taken = next(one for one in candidates if one.blocks.get("pixels") == 2)
    return replace(choice, taken=taken)


def kernel_cases(
    draws: Draws, small_band: Choose, window: Window
) -> Iterator[tuple[str, bytes, Choose]]:
    """The operator's name, a model of it, and by what it is computed.

    Args:
        small_band: takes the least scratch. window: draws one.
    """
    yield from ((*case, choose_kernel) for case in _pools(draws))
    yield from ((*case, choose_kernel) for case in _moves(draws))
    for number in range(6):
        shape = (draws.between(2, 3), draws.between(4, 9), draws.between(4, 9), draws.between(1, 9))
        source = _KIND.operand(shape)
        yield "batch", conv2d(source, draws.between(1, 9), _KIND, window(draws)), choose_kernel
        choose = (small_band, choose_kernel)[number % 2]
        yield "batch", depthwise_conv2d(source, 1, _KIND, window(draws)), choose
        groups, channels = draws.between(2, 3), draws.between(2, 5)
        source = _KIND.operand((*shape[:3], groups * channels))
        same = Convolution(((1, 1), (3, 3))[number % 2], padding="same")
        model = conv2d(source, groups * channels, _KIND, same, groups=groups)
        yield "grouped", model, choose_kernel
        point = conv2d(source, draws.lane(), _KIND, Convolution((1, 1)))
        yield "pairs", point, choose_pairs
    yield from _int16(draws, small_band, window)


def _pools(draws: Draws) -> Iterator[tuple[str, bytes]]:
    for name in ("average", "max"):
        for channels in (1, 1, 3, 4, 8, 12, 13):
            source = _KIND.operand((1, draws.between(4, 11), draws.between(4, 11), channels))
            size = (draws.between(1, 4), draws.between(1, 4))
            strides = (draws.between(1, 3), draws.between(1, 3))
            yield name, pool(name, source, size, strides, draws.one_of(("same", "valid")))


def _moves(draws: Draws) -> Iterator[tuple[str, bytes]]:
    for shape, axes in (((1, 4, 5, 6), (1, 2)), ((3, 7, 4), (1,)), ((5, 9), (1,)), ((1, 9), (1,))):
        yield "mean", mean(_KIND.operand(shape), _KIND.operand(()), axes, False)
    for axis, sizes in ((1, (3, 2)), (3, (4, 8)), (3, (5, 3, 1)), (2, (1, 2, 3, 4)), (3, (20, 4))):
        shapes = [[1, 3, 4, 5] for _ in sizes]
        for shape, size in zip(shapes, sizes, strict=True):
            shape[axis] = size
        operands: list[Operand] = [_KIND.operand(shape) for shape in shapes]
        yield "concatenate", concatenation(operands, axis)
    for around in ([[0, 0], [1, 2], [2, 1], [0, 0]], [[0, 0], [0, 0], [0, 3], [0, 0]]):
        for channels in (1, 4, 7):
            yield "pad", pad(_KIND.operand((1, draws.between(2, 5), 4, channels)), around)
    yield "pad", pad(_KIND.operand((2, 3, 4)), [[0, 0], [2, 0], [4, 8]])
    yield "reshape", reshape(_KIND.operand((2, 17)), (17, 2))


def _int16(draws: Draws, small_band: Choose, window: Window) -> Iterator[tuple[str, bytes, Choose]]:
    for number in range(5):
        shape = (1, draws.between(4, 9), draws.between(4, 9), draws.between(1, 9))
        source = _KIND_INT16.operand(shape)
        model = conv2d(source, draws.between(1, 9), _WIDE, window(draws))
        yield "conv2d_int16", model, choose_kernel
        choose = (small_band, choose_kernel)[number % 2]
        multiplier = draws.one_of((1, 1, 2))
        model = depthwise_conv2d(source, multiplier, _WIDE, window(draws))
        yield "depthwise_int16", model, choose
    for vectors in (1, 1, 2, 5):
        source = _KIND_INT16.operand((vectors, draws.lane()))
        model = fully_connected(source, source.shape[1], Dense(draws.lane()), _WIDE)
        yield "dense_int16", model, choose_kernel
    for name in ("average", "max"):
        for channels in (1, 2, 7):
            source = _KIND_INT16.operand((1, draws.between(4, 9), draws.between(4, 9), channels))
            yield f"{name}_int16", pool(name, source, (3, 2), (2, 1), "same"), choose_kernel
    both = (_KIND_INT16.operand((1, 3, 5, 7)), Quantized(1.5e-3, 0, "int16").operand((1, 3, 5, 7)))
    output = Quantized(3e-3, 0, "int16").operand((1, 3, 5, 7))
    yield "add_int16", binary("add", *both, output), choose_kernel

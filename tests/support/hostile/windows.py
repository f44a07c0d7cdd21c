# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions and pools with impossible windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import tflite

from support.differential import EQUAL
from support.hostile.case import (
    HIGHEST,
    INPUT,
    LOWEST,
    OUTPUT,
    Builtin,
    Case,
    bias,
    image,
    operator,
    weights,
)
from support.single_operator import Operand

_SAME = tflite.Padding.SAME
_KINDS = ("conv", "depthwise", "average", "max")
_SHARED = {"padding": tflite.Padding.VALID, "stride_h": 1, "stride_w": 1}
_DILATED = {**_SHARED, "dilation_h_factor": 1, "dilation_w_factor": 1}


def model(
    kind: str,
    source: tuple[int, ...] = (1, 4, 4, 2),
    output: tuple[int, ...] | None = None,
    window: tuple[int, int] = (2, 2),
    **fields: Any,
) -> bytes:
    """`kind` with a window over an image; `output` is its shape, right for the other defaults."""
    channels = {"conv": 3, "depthwise": 4}.get(kind, 2)
    shape = output or (1, 3, 3, channels)
    if kind in ("average", "max"):
        code = Builtin.AVERAGE_POOL_2D if kind == "average" else Builtin.MAX_POOL_2D
        table = {"filter_height": window[0], "filter_width": window[1], **_SHARED, **fields}
        return operator(code, [image(*source)], INPUT.operand(shape), "Pool2DOptions", table)
    operands: list[Operand | None] = [image(*source)]
    if kind == "conv":
        operands += [weights((3, *window, 2)), bias(3)]
        table = {**_DILATED, **fields}
        code, options = Builtin.CONV_2D, "Conv2DOptions"
    else:
        operands += [weights((1, *window, 4)), bias(4)]
        table = {"depth_multiplier": 2, **_DILATED, **fields}
        code, options = Builtin.DEPTHWISE_CONV_2D, "DepthwiseConv2DOptions"
    return operator(code, operands, OUTPUT.operand(shape), options, table, version=3)


def cases() -> Iterator[Case]:
    for kind in _KINDS:
        channels = {"conv": 3, "depthwise": 4}.get(kind, 2)
        yield Case(f"{kind}", model(kind), EQUAL)
        for case in _of_any_kind(kind, channels):
            yield Case(f"{kind} {case.name}", case.model, case.answer)
        others = _of_convolution if kind in ("conv", "depthwise") else _of_pool
        for case in others(kind, channels):
            yield Case(f"{kind} {case.name}", case.model, case.answer)


def _of_any_kind(kind: str, channels: int) -> Iterator[Case]:
    for stride in (0, -1, LOWEST, HIGHEST):
        yield Case(f"stride {stride}", model(kind, stride_h=stride), "its strides are")
    for padding in (2, 127, -1):
        yield Case(f"padding {padding}", model(kind, padding=padding), "its padding, number")
    for fused in (4, 6, 100, -1):
        found = "is not of the relu family"
        yield Case(f"activation {fused}", model(kind, fused_activation_function=fused), found)
    yield Case("of rank 3", model(kind, (4, 4, 2), (3, 3, channels)), "its input has rank 3")
    yield Case("of rank 5", model(kind, (1, 1, 4, 4, 2)), "its input has rank 5")
    wrong = model(kind, output=(1, 9, 1, channels))
    yield Case("other output shape", wrong, r"computes the shape \(1, 3, 3, \d\) where the file")
    yield Case("other batch", model(kind, output=(2, 3, 3, channels)), "computes the shape")
    large = model(kind, output=(1, 1, 1, channels), window=(5, 5))
    yield Case("window larger than the image", large, "computes the shape")
    output = (1, 2, 1, channels)
    large = model(kind, output=output, window=(9, 9), padding=_SAME, stride_h=3, stride_w=7)
    yield Case("window larger, same padding", large, EQUAL)


def _of_convolution(kind: str, channels: int) -> Iterator[Case]:
    for dilation in (0, -1, HIGHEST):
        wrong = model(kind, dilation_h_factor=dilation)
        yield Case(f"dilation {dilation}", wrong, "its dilation are")
        small = model(kind, output=(1, 4, 4, channels), window=(1, 1), dilation_w_factor=dilation)
        yield Case(f"dilation {dilation} of one", small, "its dilation are")
    output = (1, 4, 4, channels)
    far = model(kind, output=output, padding=_SAME, dilation_h_factor=32767)
    yield Case("dilation to far outside", far, EQUAL)


def _of_pool(kind: str, channels: int) -> Iterator[Case]:
    for size in (0, -1, LOWEST, HIGHEST, 2**20):
        shape = (1, 4, 4, channels)
        wrong = model(kind, output=shape, window=(size, size), padding=_SAME)
        yield Case(f"window {size}", wrong, "its window is")
    same = operator(
        Builtin.MAX_POOL_2D if kind == "max" else Builtin.AVERAGE_POOL_2D,
        [image(1, 4, 4, 2)],
        OUTPUT.operand((1, 3, 3, 2)),
        "Pool2DOptions",
        {"filter_height": 2, "filter_width": 2, **_SHARED},
    )
    yield Case("to another scale", same, "has not the output's scale")

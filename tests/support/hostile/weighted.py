# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions and dense layers whose weights or biases are odd."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import tflite

from support.differential import ALONE, EQUAL
from support.hostile.case import (
    OUTPUT,
    Builtin,
    Case,
    bias,
    image,
    operator,
    variable,
    weights,
    with_scale,
)
from support.single_operator import Operand

_WINDOW = {
    "padding": tflite.Padding.VALID,
    **{"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1},
}
_SHAPES = {"conv": (3, 2, 2, 2), "depthwise": (1, 2, 2, 4), "dense": (3, 4)}
_AXES = {"conv": 0, "depthwise": 3, "dense": 0}
_COUNTS = {"conv": 3, "depthwise": 4, "dense": 3}


def model(kind: str, *operands: Operand | None, output: Operand | None = None) -> bytes:
    """`kind` with these weights and the rest."""
    if kind == "dense":
        inputs = [image(2, 4), *operands]
        result = output or OUTPUT.operand((2, 3))
        return operator(Builtin.FULLY_CONNECTED, inputs, result, "FullyConnectedOptions", version=5)
    inputs = [image(1, 4, 4, 2), *operands]
    result = output or OUTPUT.operand((1, 3, 3, _COUNTS[kind]))
    if kind == "conv":
        return operator(Builtin.CONV_2D, inputs, result, "Conv2DOptions", _WINDOW, version=3)
    fields = {**_WINDOW, "depth_multiplier": 2}
    options = "DepthwiseConv2DOptions"
    return operator(Builtin.DEPTHWISE_CONV_2D, inputs, result, options, fields, version=3)


def cases() -> Iterator[Case]:
    for kind in ("conv", "depthwise", "dense"):
        named = (*_odd_weights(kind), *_odd_scales(kind), *_odd_biases(kind))
        for case in named:
            yield Case(f"{kind} {case.name}", case.model, case.answer)
    yield from _shapes()
    yield from _dense_shapes()


def _odd_weights(kind: str) -> Iterator[Case]:
    shape, count = _SHAPES[kind], _COUNTS[kind]
    good = weights(shape, _AXES[kind])
    yield Case("per channel", model(kind, good, _bias_for(good)), EQUAL)
    yield Case("without weights", model(kind), "1 inputs")
    yield Case("with weights left out", model(kind, None, bias(count)), "input 1 is left out")
    yield Case("with four inputs", model(kind, good, bias(count), bias(count)), "4 inputs")
    unknown = replace(weights(shape), data=None)
    yield Case("with variable weights", model(kind, unknown), "not an int8 constant")
    for dtype, words in (("int16", "not an int8 constant"), ("float32", "is float32 in an int8")):
        other = Operand(shape, dtype, scale=0.01, data=np.ones(shape, dtype))
        yield Case(f"with {dtype} weights", model(kind, other), words)
    yield Case("with a rank less", model(kind, weights(shape[:-1])), "its weights has rank")


def _odd_scales(kind: str) -> Iterator[Case]:
    shape, axis = _SHAPES[kind], _AXES[kind]
    rank = len(shape)
    one, each = weights(shape), weights(shape, axis)
    for dimension in sorted({1, rank - 1}):
        odd = replace(one, quantized_dimension=dimension)
        yield Case(f"one scale, axis {dimension}", model(kind, odd, _bias_for(odd)), EQUAL)
    for dimension in (rank, 9, -1):
        odd = replace(one, quantized_dimension=dimension)
        yield Case(f"one scale, axis {dimension}", model(kind, odd, _bias_for(odd)), ALONE)
        odd = replace(each, quantized_dimension=dimension)
        yield Case(f"scales, axis {dimension}", model(kind, odd), f"along dimension {dimension}")
    for count in (2, 7):
        odd = replace(each, scale=(0.01,) * count)
        yield Case(f"{count} scales", model(kind, odd), f"have {count} scales")
    points = (0, *(5,) * (shape[axis] - 1))
    yield Case("zero points", model(kind, replace(each, zero_point=points)), "zero points other")
    yield Case("zero point 200", model(kind, with_scale(one, 0.01, 200)), "that are no int8")
    answer = EQUAL if kind == "dense" else "zero points other than 0"
    shifted = with_scale(one, 0.01, 7)
    yield Case("zero point 7", model(kind, shifted, _bias_for(shifted)), answer)
    yield Case("no scale", model(kind, replace(one, scale=())), "have 0 scales")
    for scale in (float("nan"), float("inf"), -1.0):
        odd = with_scale(one, scale)
        yield Case(f"scale {scale}", model(kind, odd), "is not a positive number")
    yield Case("scale 3e38", model(kind, with_scale(one, 3e38)), r"2\*\*30 or more")
    tiny = with_scale(one, 1e-45)
    yield Case("scale 1e-45", model(kind, tiny, with_scale(_bias_for(one), 1e-45)), EQUAL)


def _odd_biases(kind: str) -> Iterator[Case]:
    good, count = weights(_SHAPES[kind]), _COUNTS[kind]
    answers: dict[str, tuple[Operand | None, str]] = {
        "of one": (bias(1), r"is not of shape \(\d,\)"),
        "of rank 2": (replace(bias(1), shape=(1, 1)), "is not of shape"),
        "without a scale": (replace(bias(count), scale=()), "not a quantised int32"),
        "with a zero point": (with_scale(bias(count), 0.0005, 7), "has a zero point other"),
        "of another scale": (bias(count, 1.0), "not the product of its input's and weights'"),
        "a little off": (bias(count, 0.00052), EQUAL),
        "of float32": (Operand.constant([1.0] * count, "float32"), "float32 in an int8"),
        "of int8": (Operand((count,), "int8", 0.1, 0, data=np.ones(count)), "quantised int32"),
        "of int64": (Operand((count,), "int64", 0.0005, data=np.ones(count)), "quantised int32"),
        "variable": (variable((count,)), "not int8, int16 or float32"),
    }
    for name, (odd, answer) in answers.items():
        yield Case(f"bias {name}", model(kind, good, odd), answer)
    # LiteRT asks for a bias that schema and converter let a model leave out.
    yield Case("without bias", model(kind, good), ALONE if kind == "conv" else EQUAL)
    yield Case("bias left out", model(kind, good, None), EQUAL if kind == "dense" else ALONE)


def _shapes() -> Iterator[Case]:
    odd = model("conv", weights((3, 2, 2, 3)), bias(3))
    yield Case("conv of 3 of 2 channels", odd, "do not divide 2 channels")
    yield Case("conv of 3 in 2 groups", model("conv", weights((3, 2, 2, 1))), "do not divide")
    output = OUTPUT.operand((1, 3, 3, 4))
    grouped = model("conv", weights((4, 2, 2, 1)), bias(4), output=output)
    yield Case("conv of 4 in 2 groups", grouped, EQUAL)
    two = model("depthwise", weights((2, 2, 2, 4)), bias(4))
    yield Case("depthwise with two sets", two, "are not 2 for each of 2 channels")
    six = model("depthwise", weights((1, 2, 2, 6)), bias(6))
    yield Case("depthwise of 6", six, "are not 2 for each of 2 channels")
    yield Case("depthwise of 131072", _wide_depthwise(), "channels are more than 4096")
    yield Case("dense that overflows", _overflowing(), "leave 32 bits")


def _overflowing() -> bytes:
    """LiteRT's own result is what its compiler makes of a number too large for an int32."""
    large = replace(bias(3), data=np.full(3, 2**29))
    return model("dense", weights((3, 4)), large, output=with_scale(OUTPUT.operand((2, 3)), 1e-5))


def _wide_depthwise() -> bytes:
    count = 2**17
    operands = [image(1, 2, 2, count), weights((1, 2, 2, count)), bias(count)]
    fields, output = {**_WINDOW, "depth_multiplier": 1}, OUTPUT.operand((1, 1, 1, count))
    options = "DepthwiseConv2DOptions"
    return operator(Builtin.DEPTHWISE_CONV_2D, [*operands], output, options, fields, version=3)


def _dense(source: tuple[int, ...], output: tuple[int, ...], **fields: Any) -> bytes:
    return operator(
        Builtin.FULLY_CONNECTED,
        [image(*source), weights((3, 4)), bias(3)],
        OUTPUT.operand(output),
        "FullyConnectedOptions",
        fields,
        version=5,
    )


def _dense_shapes() -> Iterator[Case]:
    yield Case("dense of rank 1", _dense((4,), (1, 3)), EQUAL)
    yield Case("dense of rank 4", _dense((1, 2, 2, 1), (1, 3)), EQUAL)
    yield Case("dense that keeps", _dense((2, 3, 4), (2, 3, 3), keep_num_dims=True), EQUAL)
    wrong = _dense((2, 3, 4), (6, 3), keep_num_dims=True)
    yield Case("dense that claims not to keep", wrong, "computes the shape")
    yield Case("dense that claims to keep", _dense((2, 3, 4), (2, 3, 3)), "computes the shape")
    yield Case("dense of 5", _dense((2, 5), (2, 3)), "not made of rows of 4")
    wrong = _dense((2, 6), (2, 3), keep_num_dims=True)
    yield Case("dense of 6 that keeps", wrong, "not made of rows of 4")
    for number in (1, 9):
        shuffled = _dense((2, 4), (2, 3), weights_format=number)
        yield Case(f"dense of format {number}", shuffled, "its weights are shuffled")


def _bias_for(operand: Operand) -> Operand:
    """Zero point 0 and, for each scale of the weights, its product with the input's."""
    scales = np.float32(0.05) * np.atleast_1d(np.asarray(operand.scale, np.float32))
    count = _bias_length(operand)
    return replace(bias(count), scale=tuple(float(scale) for scale in scales))


def _bias_length(operand: Operand) -> int:
    return (
        operand.shape[3] if len(operand.shape) == 4 and operand.shape[0] == 1 else operand.shape[0]
    )

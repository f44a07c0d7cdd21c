# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Odd and hostile operators of int16 activations (TFLite 16x8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import tflite

from support.differential import EQUAL
from support.elementwise import binary
from support.hostile.case import Builtin, Case, operator, weights
from support.pools import pool
from support.shapes import pad
from support.single_operator import Operand, Quantized

_INPUT, _OUTPUT = Quantized(0.001, 0, "int16"), Quantized(0.002, 0, "int16")
_WINDOW = {
    "padding": tflite.Padding.VALID,
    **{"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1},
}
_INT32, _INT64 = tflite.TensorType.INT32, tflite.TensorType.INT64


def cases() -> Iterator[Case]:
    for kind in ("conv", "dense"):
        for case in _bias_types(kind):
            yield Case(f"int16 {kind} {case.name}", case.model, case.answer)
    for kind in ("conv", "depthwise", "dense"):
        for case in _weighted(kind):
            yield Case(f"int16 {kind} {case.name}", case.model, case.answer)
    yield from _large_sums()
    yield from _powers_of_two()
    yield from _others()


def _bias(dtype: str, values: Any = (5, -7, 900), scale: float = 0.00001) -> Operand:
    return Operand((len(values),), dtype, scale=scale, data=np.array(values, np.int64))


def _model(
    kind: str,
    *operands: Operand | None,
    source: Quantized = _INPUT,
    output: Quantized = _OUTPUT,
    depth: int = 2,
    **fields: int,
) -> bytes:
    """Three output channels of `depth` input channels."""
    if kind == "dense":
        inputs = [source.operand((2, depth)), *operands]
        result = output.operand((2, 3))
        return operator(Builtin.FULLY_CONNECTED, inputs, result, "FullyConnectedOptions", fields)
    channels = 3 if kind == "depthwise" else depth
    inputs = [source.operand((1, 2, 2, channels)), *operands]
    result = output.operand((1, 2, 2, 3))
    options = {**_WINDOW, **fields}
    if kind == "conv":
        return operator(Builtin.CONV_2D, inputs, result, "Conv2DOptions", options)
    options["depth_multiplier"] = 1
    table = "DepthwiseConv2DOptions"
    return operator(Builtin.DEPTHWISE_CONV_2D, inputs, result, table, options)


def _weights(kind: str, depth: int = 2) -> Operand:
    shapes = {"conv": (3, 1, 1, depth), "depthwise": (1, 1, 1, 3), "dense": (3, depth)}
    return weights(shapes[kind])


def _bias_types(kind: str) -> Iterator[Case]:
    good = _weights(kind)
    narrow, wide = _bias("int32"), _bias("int64")
    option = "quantized_bias_type"
    yield Case("int64 bias", _model(kind, good, wide), EQUAL)
    yield Case("int64 bias by option", _model(kind, good, wide, **{option: _INT64}), EQUAL)
    yield Case("int32 bias by option", _model(kind, good, narrow, **{option: _INT32}), EQUAL)
    yield Case("int32 bias", _model(kind, good, narrow), "not a quantised int64 constant")
    other = _model(kind, good, wide, **{option: _INT32})
    yield Case("int64 bias, option int32", other, "not a quantised int32 constant")
    other = _model(kind, good, wide, **{option: 9})
    yield Case("option int8", other, "number 9, is neither int32 nor int64")
    other = _model(kind, good, None, **{option: _INT32})
    yield Case("option int32 without bias", other, "but it has no bias")


def _weighted(kind: str) -> Iterator[Case]:
    good, bias = _weights(kind), _bias("int64")
    uneven = replace(_INPUT, zero_point=1)
    point = "has the zero point"
    yield Case("of zero point 1", _model(kind, good, bias, source=uneven), point)
    uneven = replace(_OUTPUT, zero_point=-4)
    yield Case("to zero point -4", _model(kind, good, bias, output=uneven), point)
    int8 = replace(_OUTPUT, dtype="int8")
    yield Case("to int8", _model(kind, good, bias, output=int8), "mixes int16 and int8 tensors")
    wide = replace(good, dtype="int16", data=np.asarray(good.data, np.int16))
    yield Case("with int16 weights", _model(kind, wide, bias), "not an int8 constant")
    for number in (2**47, -(2**63)):
        large = _bias("int64", (0, number, 0))
        found = "numbers of more than 47 bits"
        yield Case(f"with a bias of {number}", _model(kind, good, large), found)
    coarse = replace(_INPUT, scale=3e3)
    fine = replace(_OUTPUT, scale=1e-4)
    model = _model(kind, good, _bias("int64", scale=30.0), source=coarse, output=fine)
    yield Case("of a coarse scale to a fine one", model, "leave 32 bits|is 2\\*\\*14 or more")


def _large_sums() -> Iterator[Case]:
    for kind in ("conv", "dense"):
        full = _weights(kind, 600)
        full = replace(full, data=np.full(full.shape, 127, np.int8))
        bias = _bias("int32")
        model = _model(kind, full, bias, depth=600, quantized_bias_type=_INT32)
        yield Case(
            f"int16 {kind} sums beyond an int32 bias", model, "leave the 32 bits of its bias"
        )
    coarse = replace(_OUTPUT, scale=2.0)
    model = _model("dense", full, _bias("int64"), depth=600, output=coarse)
    yield Case("int16 dense sums of 33 bits", model, "need more than 32 bits")


def _powers_of_two() -> Iterator[Case]:
    shape = (2, 4)
    one, half, quarter, tiny = (
        Quantized(scale, 0, "int16").operand(shape) for scale in (1.0, 0.5, 0.25, 2.0**-16)
    )
    for name in ("add", "sub"):
        special = {
            "shifts both": (half, quarter, one),
            "shifts left": (one, one, half),
            "shifts by 16": (one, tiny, one),
        }
        for case, tensors in special.items():
            model = binary(name, *tensors, power_of_two=True)
            yield Case(f"int16 {name} {case}", model, "all powers of two: shifts by")
        row = replace(half, shape=(4,))
        model = binary(name, one, row, one, power_of_two=True)
        yield Case(f"int16 {name} of a row", model, "broadcasts tensors whose scales are powers")
        yield Case(f"int16 {name} of a row, general", binary(name, one, row, one), EQUAL)


def _others() -> Iterator[Case]:
    image = _INPUT.operand((1, 256, 256, 1))
    model = pool("average", image, (256, 256), (1, 1), "valid")
    yield Case("int16 pool of 65536", model, "is too large for int16")
    yield Case("int16 pad by a value", pad(_INPUT.operand((2, 3)), ((1, 0), (0, 2)), -300), EQUAL)
    vector = _INPUT.operand((4,))
    for builtin in ("TANH", "LOGISTIC", "RELU", "RELU6", "HARD_SWISH"):
        model = operator(getattr(Builtin, builtin), [vector], _OUTPUT.operand((4,)))
        found = "is int16, at which this operator is not supported"
        yield Case(f"int16 {builtin.lower()}", model, found)

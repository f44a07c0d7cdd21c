# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Scales, zero points, types and options out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from support.differential import ALONE, EQUAL
from support.hostile.case import INPUT, OUTPUT, Builtin, Case, constant, image, operator, with_scale
from support.single_operator import Operand, Quantized

_BINARY = {"add": "AddOptions", "sub": "SubOptions", "mul": "MulOptions"}
_SOFTMAX = Quantized(1 / 256, -128)
_TOO_LARGE = r"2\*\*30 or more"
_REAL = Operand((2, 4), "float32")


def cases() -> Iterator[Case]:
    yield from _real_constants()
    for name in _BINARY:
        yield from _binaries(name)
    yield from _binary_scales()
    yield from _activations()
    yield from _softmaxes()
    yield from _slopes()
    yield from _conversions()
    yield from _other_options()


def _binary(name: str, first: Operand, second: Operand, output: Operand, fused: int = 0) -> bytes:
    fields = {"fused_activation_function": fused}
    code = getattr(Builtin, name.upper())
    return operator(code, [first, second], output, _BINARY[name], fields)


def _binaries(name: str) -> Iterator[Case]:
    source, result = image(2, 4), OUTPUT.operand((2, 4))
    number = INPUT.operand((4,), np.array([1, -2, 3, 127], np.int8))
    answers = {
        "of a constant": (_binary(name, number, source, result), EQUAL),
        "of rank 6": (
            _binary(name, image(1, 2, 1, 2, 1, 2), image(2, 1, 2, 1, 2, 1), _cube()),
            EQUAL,
        ),
        "of scalars": (_binary(name, image(), image(), OUTPUT.operand(())), EQUAL),
        "of 4 and 3": (_binary(name, source, image(2, 3), result), "do not go together"),
        "to another shape": (_binary(name, source, source, OUTPUT.operand((4, 2))), "computes the"),
        "with tanh": (_binary(name, source, source, result, fused=4), "not of the relu family"),
        "of int16": (
            _binary(name, source, Operand((4,), "int16", 0.1, data=np.ones(4)), result),
            "is int16 in an int8 operator",
        ),
        "of int32": (_binary(name, source, constant("int32", 1, 2, 3, 4), result), "is not int8"),
        "of float32": (
            _binary(name, source, constant("float32", 1), result),
            "is float32 in an int8",
        ),
        "of a float input": (_binary(name, source, _REAL, result), "mixes int8 and float32"),
        "of scales": (
            _binary(name, source, replace(number, scale=(0.1,) * 4), result),
            "one scale, has 4",
        ),
    }
    for case, (model, answer) in answers.items():
        yield Case(f"{name} {case}", model, answer)
    for point in (128, -129, 2**31 - 1):
        odd = _binary(name, source, with_scale(number, 0.05, point), result)
        yield Case(f"{name} of zero point {point}", odd, f"has the zero point {point}")
    three = [source, source, source]
    code = getattr(Builtin, name.upper())
    yield Case(f"{name} of three", operator(code, [*three], result, _BINARY[name]), "3 inputs")
    yield Case(f"{name} of one", operator(code, [source], result, _BINARY[name]), "1 inputs")


def _cube() -> Operand:
    return OUTPUT.operand((2, 2, 2, 2, 2, 2))


def _binary_scales() -> Iterator[Case]:
    source, result = image(2, 4), OUTPUT.operand((2, 4))
    for name in ("add", "mul"):
        for scale in (float("nan"), float("inf"), -1.0):
            odd = _binary(name, with_scale(source, scale), source, result)
            yield Case(f"{name} of scale {scale}", odd, "is not a positive number")
        zero = _binary(name, source, source, with_scale(result, 0.0))
        yield Case(f"{name} to scale 0", zero, "needs one scale, has 0")
        tiny = _binary(name, with_scale(source, 1e-45), source, result)
        yield Case(f"{name} of scale 1e-45", tiny, EQUAL)
        coarse = _binary(name, source, source, with_scale(result, 1e10))
        yield Case(f"{name} to scale 1e10", coarse, EQUAL)
        fine = _binary(name, source, source, with_scale(result, 1e-38))
        yield Case(f"{name} to scale 1e-38", fine, _TOO_LARGE)
        for point in (128, -129):
            odd = _binary(name, source, source, with_scale(result, 0.1, point))
            yield Case(f"{name} to zero point {point}", odd, f"has the zero point {point}")
        far = _binary(name, source, source, with_scale(result, 0.1, 2**40))
        yield Case(f"{name} to zero point 2**40", far, "a zero point of tensor")
        two = _binary(name, replace(source, scale=(0.1, 0.2), zero_point=(0, 0)), source, result)
        yield Case(f"{name} of two scales", two, "needs one scale, has 2")
        points = _binary(name, replace(source, zero_point=(1, 2)), source, result)
        yield Case(f"{name} of two zero points", points, "has 2 zero points")


def _activations() -> Iterator[Case]:
    targets = {"logistic": _SOFTMAX, "tanh": Quantized(1 / 128, 0)}
    for name in ("logistic", "tanh", "relu", "relu6"):
        code, target = getattr(Builtin, name.upper()), targets.get(name, OUTPUT)
        for scale in (1e-45, 1e-6, 1e20):
            odd = operator(code, [with_scale(image(2, 4), scale)], target.operand((2, 4)))
            answer = _TOO_LARGE if name.startswith("relu") and scale > 1 else EQUAL
            yield Case(f"{name} of scale {scale}", odd, answer)
        wrong = operator(code, [image(2, 4)], target.operand((4, 2)))
        yield Case(f"{name} to another shape", wrong, "computes the shape")
        yield Case(
            f"{name} of two", operator(code, [image(2, 4)] * 2, target.operand((2, 4))), "2 inputs"
        )
        mixed = operator(code, [image(2, 4)], _REAL)
        yield Case(f"{name} to float32", mixed, "mixes int8 and float32")
        fixed = INPUT.operand((2, 4), np.ones((2, 4), np.int8))
        model = operator(code, [fixed], target.operand((2, 4)))
        yield Case(f"{name} of a constant", model, "computes nothing of an input")


def _softmax(beta: float, source: Operand, target: Operand) -> bytes:
    return operator(Builtin.SOFTMAX, [source], target, "SoftmaxOptions", {"beta": beta})


def _softmaxes() -> Iterator[Case]:
    source, target = image(2, 4), _SOFTMAX.operand((2, 4))
    for beta in (0.0, -1.0, float("nan"), float("inf")):
        yield Case(f"softmax of beta {beta}", _softmax(beta, source, target), f"its beta is {beta}")
    yield Case("softmax of beta 1e-30", _softmax(1e-30, source, target), "softmax of beta 1")
    yield Case("softmax of beta 1e30", _softmax(1e30, source, target), EQUAL)
    yield Case("softmax of scale 3e38", _softmax(1.0, with_scale(source, 3e38), target), EQUAL)
    other = _softmax(1.0, source, OUTPUT.operand((2, 4)))
    yield Case("softmax to another scale", other, "not 1/256 and -128")
    scalar = _softmax(1.0, image(), _SOFTMAX.operand(()))
    yield Case("softmax of a scalar", scalar, "it is of a scalar")


def _slopes() -> Iterator[Case]:
    for alpha in (float("nan"), float("inf"), -float("inf")):
        for source, target in ((image(2, 4), OUTPUT.operand((2, 4))), (_REAL, _REAL)):
            options = ("LeakyReluOptions", {"alpha": alpha})
            model = operator(Builtin.LEAKY_RELU, [source], target, *options)
            yield Case(f"{source.dtype} slope {alpha}", model, f"its slope is {alpha}")
    for alpha, answer in ((-0.5, EQUAL), (1e-45, EQUAL), (1e30, _TOO_LARGE)):
        options = ("LeakyReluOptions", {"alpha": alpha})
        model = operator(Builtin.LEAKY_RELU, [image(2, 4)], OUTPUT.operand((2, 4)), *options)
        yield Case(f"slope {alpha}", model, answer)


def _conversions() -> Iterator[Case]:
    result = OUTPUT.operand((2, 4))
    pairs = {
        "quantize float32 to float32": (Builtin.QUANTIZE, _REAL, _REAL, "from float32 to float32"),
        "dequantize float32": (Builtin.DEQUANTIZE, _REAL, _REAL, "from float32 to float32"),
        "dequantize to int8": (Builtin.DEQUANTIZE, image(2, 4), result, "from int8 to int8"),
        "quantize to int16": (
            *(Builtin.QUANTIZE, image(2, 4), Operand((2, 4), "int16", 0.1)),
            "from int8 to int16",
        ),
        "dequantize without scale": (
            *(Builtin.DEQUANTIZE, replace(image(2, 4), scale=()), _REAL),
            "needs one scale, has 0",
        ),
        "requantize by 1e39": (Builtin.QUANTIZE, with_scale(image(2, 4), 1e38), result, _TOO_LARGE),
        "requantize by 1e-44": (Builtin.QUANTIZE, with_scale(image(2, 4), 1e-45), result, EQUAL),
        "dequantize 3e38": (Builtin.DEQUANTIZE, with_scale(image(2, 4), 3e38), _REAL, EQUAL),
        "quantize by 1e-6": (Builtin.QUANTIZE, _REAL, with_scale(result, 1e-6, 3), EQUAL),
    }
    for name, (code, source, target, answer) in pairs.items():
        yield Case(name, operator(code, [source], target), answer)


def _real_constants() -> Iterator[Case]:
    for value in (float("nan"), float("inf"), -float("inf")):
        model = operator(Builtin.ADD, [_REAL, constant("float32", value)], _REAL, "AddOptions")
        yield Case(f"add of {value}", model, "has numbers that are not finite")
    for value in (1e-45, -3e37):
        model = operator(Builtin.MUL, [_REAL, constant("float32", value)], _REAL, "MulOptions")
        yield Case(f"mul of {value}", model, EQUAL)


def _other_options() -> Iterator[Case]:
    """Options of another operator, and none at all, are as wrong as TFLite's reading of them."""
    source, result = image(2, 4), OUTPUT.operand((2, 4))
    relu = {"fused_activation_function": 1}
    for table, fields in (("SubOptions", relu), ("Pool2DOptions", {}), (None, {})):
        model = operator(Builtin.ADD, [source, source], result, table, fields)
        yield Case(f"add with {table}", model, "it has no AddOptions")
    model = operator(Builtin.SOFTMAX, [source], _SOFTMAX.operand((2, 4)), "LeakyReluOptions")
    yield Case("softmax with a slope", model, "it has no SoftmaxOptions")
    model = operator(Builtin.LOGISTIC, [source], OUTPUT.operand((2, 4)))
    yield Case("logistic to another scale", model, ALONE)
    model = operator(Builtin.MEAN, [source, constant("int32", 1)], OUTPUT.operand((2,)))
    yield Case("mean without options", model, "it has no ReducerOptions")
    for code in (Builtin.CUSTOM, Builtin.LSTM, Builtin.WHILE, Builtin.BATCH_MATMUL, 9999):
        model = operator(code, [source, source], result)
        yield Case(f"operator number {code}", model, "no conversion for this operator")

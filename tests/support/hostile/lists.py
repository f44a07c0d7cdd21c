# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Means, concatenations, transposes, pads and resizes with lists that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from support.differential import EQUAL
from support.hostile.case import (
    HIGHEST,
    INPUT,
    LOWEST,
    OUTPUT,
    Builtin,
    Case,
    constant,
    image,
    operator,
    variable,
)
from support.single_operator import Operand


def cases() -> Iterator[Case]:
    yield from _means()
    yield from _concatenations()
    yield from _transposes()
    yield from _pads()
    yield from _pad_values()
    yield from _resizes()


def _mean(axes: Operand, output: tuple[int, ...] = (2, 4), keep_dims: bool = False) -> bytes:
    inputs: list[Operand | None] = [image(2, 3, 4), axes]
    fields = {"keep_dims": keep_dims}
    return operator(Builtin.MEAN, inputs, OUTPUT.operand(output), "ReducerOptions", fields)


def _means() -> Iterator[Case]:
    for axis in (3, -4, HIGHEST, LOWEST):
        yield Case(f"mean of axis {axis}", _mean(constant("int32", axis)), f"axis {axis} of a")
    answers = {
        "mean of axis -2": (_mean(constant("int32", -2)), EQUAL),
        "mean of a scalar axis": (_mean(Operand.constant(1)), EQUAL),
        "mean of all axes": (_mean(constant("int32", 0, 1, 2), ()), EQUAL),
        "mean of 1 and -2": (_mean(constant("int32", 1, -2)), "name one twice"),
        "mean of float axes": (_mean(constant("float32", 1)), "is float32 in an int8"),
        "mean of int64 axes": (_mean(constant("int64", 1)), "not a constant int32"),
        "mean of axes in rows": (_mean(Operand.constant([[1]])), "its axes are not a list"),
        "mean of variable axes": (_mean(variable((1,))), "not int8, int16 or float32"),
        "mean that keeps not": (_mean(constant("int32", 1), keep_dims=True), "computes the shape"),
    }
    for name, (model, answer) in answers.items():
        yield Case(name, model, answer)


def _concatenation(
    shapes: Sequence[tuple[int, ...]], axis: int, output: tuple[int, ...], fused: int = 0
) -> bytes:
    inputs: list[Operand | None] = [image(*shape) for shape in shapes]
    fields = {"axis": axis, "fused_activation_function": fused}
    result = INPUT.operand(output)
    return operator(Builtin.CONCATENATION, inputs, result, "ConcatenationOptions", fields)


def _concatenations() -> Iterator[Case]:
    pair = [(2, 3), (2, 4)]
    for axis in (2, -3, HIGHEST, LOWEST):
        model = _concatenation(pair, axis, (2, 7))
        yield Case(f"concatenation of axis {axis}", model, f"axis {axis} of a tensor of rank 2")
    yield Case("concatenation", _concatenation(pair, -1, (2, 7)), EQUAL)
    yield Case("concatenation of one", _concatenation([(2, 3)], 1, (2, 3)), EQUAL)
    yield Case("concatenation of none", _concatenation([], 1, (2, 3)), "computes nothing")
    many = _concatenation([(1, 1)] * 100, 1, (1, 100))
    yield Case("concatenation of 100", many, "100 inputs")
    yield Case("concatenation to 8", _concatenation(pair, 1, (2, 8)), "computes the shape")
    unequal = _concatenation([(2, 3), (3, 4)], 1, (2, 7))
    yield Case("concatenation of unequal", unequal, "does not go with the first")
    mixed = _concatenation([(2, 3), (2, 4, 1)], 1, (2, 7))
    yield Case("concatenation of ranks 2 and 3", mixed, "has rank 3")
    fused = _concatenation(pair, 1, (2, 7), fused=1)
    yield Case("concatenation with relu", fused, "its fused activation, number 1")
    inputs: list[Operand | None] = [image(2, 3), OUTPUT.operand((2, 4))]
    options = ("ConcatenationOptions", {"axis": 1})
    scales = operator(Builtin.CONCATENATION, inputs, INPUT.operand((2, 7)), *options)
    yield Case("concatenation of scales", scales, "has not the output's scale")


def _transposes() -> Iterator[Case]:
    answers: dict[str, tuple[Operand, str]] = {
        "by -2, 0, 2": (constant("int32", -2, 0, 2), EQUAL),
        "by 1, 0, 3": (constant("int32", 1, 0, 3), "axis 3 of a tensor of rank 3"),
        "by 1, 0, lowest": (constant("int32", 1, 0, LOWEST), "of a tensor of rank 3"),
        "by 1, 1, 2": (constant("int32", 1, 1, 2), "are not a permutation of 3"),
        "by two axes": (constant("int32", 1, 0), "are not a permutation of 3"),
        "by four axes": (constant("int32", 1, 0, 2, 2), "are not a permutation of 3"),
        "by int64": (constant("int64", 1, 0, 2), "not a constant int32 of rank 1"),
        "by rows": (Operand.constant([[1, 0, 2]]), "not a constant int32 of rank 1"),
        "by a variable": (variable((3,)), "not int8, int16 or float32"),
        "to another shape": (constant("int32", 0, 2, 1), "computes the shape"),
    }
    for name, (axes, answer) in answers.items():
        model = operator(Builtin.TRANSPOSE, [image(2, 3, 4), axes], image(3, 2, 4))
        yield Case(f"transpose {name}", model, answer)


def _pads() -> Iterator[Case]:
    def model(widths: Any, output: tuple[int, ...] = (3, 5), dtype: str = "int32") -> bytes:
        inputs: list[Operand | None] = [image(2, 3), Operand.constant(widths, dtype)]
        return operator(Builtin.PAD, inputs, image(*output))

    answers = {
        "int64": (model([[1, 0], [0, 2]], dtype="int64"), EQUAL),
        "by -1": (model([[-1, 0], [0, 0]], (1, 3)), "0 or more, for each of 2"),
        "by -1 and 1": (model([[-1, 1], [0, 0]], (2, 3)), "0 or more, for each of 2"),
        "by too much": (model([[HIGHEST, 0], [0, 0]]), "computes the shape"),
        "past all memory": (model([[2**25, 0], [0, 0]], (2**25 + 2, 3)), "is larger than"),
        "of three rows": (model([[1, 0], [0, 2], [0, 0]]), "for each of 2"),
        "of three columns": (model([[1, 0, 0], [0, 2, 0]]), "for each of 2"),
        "of a list": (model([1, 0, 0, 2]), "of rank 2"),
        "of floats": (model([[1, 0], [0, 2]], dtype="float32"), "is float32 in an int8"),
    }
    for name, (built, answer) in answers.items():
        yield Case(f"pad {name}", built, answer)


def _pad_values() -> Iterator[Case]:
    good = INPUT.operand((1,), np.array([9], np.int8))
    two = INPUT.operand((2,), np.array([9, 8], np.int8))
    answers: dict[str, tuple[Operand, str]] = {
        "a number": (good, EQUAL),
        "two numbers": (two, "is not one constant"),
        "a variable": (replace(good, data=None), "is not one constant"),
        "another scale": (replace(good, scale=0.1), "has not the output's scale"),
        "another zero point": (replace(good, zero_point=7), "has not the output's scale"),
        "an int32": (constant("int32", 9), "has not the type and the scale"),
    }
    widths = Operand.constant([[1, 0], [0, 2]])
    for name, (value, answer) in answers.items():
        model = operator(Builtin.PADV2, [image(2, 3), widths, value], image(3, 5))
        yield Case(f"pad with {name}", model, answer)


def _resize(size: Operand, output: tuple[int, ...] = (1, 5, 4, 2), **fields: bool) -> bytes:
    options = ("ResizeNearestNeighborOptions", fields)
    inputs: list[Operand | None] = [image(1, 3, 3, 2), size]
    return operator(Builtin.RESIZE_NEAREST_NEIGHBOR, inputs, image(*output), *options)


def _resizes() -> Iterator[Case]:
    for numbers in ((0, 4), (-5, 4), (HIGHEST, HIGHEST), (5,), (5, 4, 1)):
        odd = _resize(constant("int32", *numbers))
        yield Case(f"resize to {numbers}", odd, "not two numbers from 1 to")
    long = _resize(constant("int32", 1, 2**24), (1, 1, 2**24, 2))
    yield Case("resize to a long row", long, "not two numbers from 1 to")
    good = constant("int32", 5, 4)
    yield Case("resize", _resize(good), EQUAL)
    yield Case(
        "resize to one", _resize(constant("int32", 1, 1), (1, 1, 1, 2), align_corners=True), EQUAL
    )
    yield Case("resize by floats", _resize(constant("float32", 5, 4)), "is float32 in an int8")
    yield Case("resize to another", _resize(constant("int32", 4, 5)), "computes the shape")
    both = _resize(good, align_corners=True, half_pixel_centers=True)
    yield Case("resize of both modes", both, "exclude each other")

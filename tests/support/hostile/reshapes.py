# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Reshapes, squeezes and slices whose output shape in the file is not what they compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tflite
from tflite_writer import Options, TFLiteWriter

from support.differential import ALONE, EQUAL
from support.hostile.case import HIGHEST, LOWEST, Builtin, Case, constant, image, operator, variable
from support.single_operator import Operand


def cases() -> Iterator[Case]:
    yield from _reshapes()
    yield from _squeezes()
    yield from _expansions()
    yield from _slices()
    yield Case("softmax of a false shape", _softmax_of_reshape(), "computes the shape")


def _reshape(
    shape: Operand | None, output: tuple[int, ...] = (3, 4), options: list[int] | None = None
) -> bytes:
    inputs: list[Operand | None] = [image(2, 6), *([] if shape is None else [shape])]
    fields = {} if options is None else {"new_shape": options}
    return operator(Builtin.RESHAPE, inputs, image(*output), "ReshapeOptions", fields, version=1)


def _reshapes() -> Iterator[Case]:
    answers = {
        "by the list": (_reshape(constant("int32", 3, -1), options=[4, 3]), EQUAL),
        "by the options": (_reshape(None, options=[3, 4]), EQUAL),
        "by a false list": (_reshape(constant("int32", 4, 3)), "computes the shape"),
        "by false options": (_reshape(None, options=[4, 3]), "computes the shape"),
        "to 15": (_reshape(constant("int32", 3, 5), (3, 5)), "reshape of 12 elements"),
        "to false 15": (_reshape(constant("int32", 3, 4), (3, 5)), "computes the shape"),
        "to nothing": (_reshape(constant("int32", 0, 4)), "reshape of 12 elements"),
        "to two unknowns": (_reshape(constant("int32", -1, -1)), "reshape to"),
        "to fifths": (_reshape(constant("int32", -1, 5)), "reshape of 12 elements"),
        "to -2": (_reshape(constant("int32", -2, 4)), "reshape to"),
        "to a huge shape": (_reshape(constant("int32", *[HIGHEST] * 6)), "reshape of 12"),
        "without a shape": (_reshape(None), "reshape of 12 elements"),
        "by a variable": (_reshape(variable((2,))), "not int8, int16 or float32"),
        "by int64": (_reshape(constant("int64", 3, 4)), "not a constant int32"),
        "by rows": (_reshape(Operand.constant([[3], [4]])), "not a constant int32"),
        "to rank 7": (_reshape(constant("int32", 3, 4), (1, 1, 1, 1, 1, 3, 4)), "of rank 7"),
    }
    for name, (model, answer) in answers.items():
        yield Case(f"reshape {name}", model, answer)


def _squeezes() -> Iterator[Case]:
    def model(axes: list[int], output: tuple[int, ...]) -> bytes:
        options = ("SqueezeOptions", {"squeeze_dims": axes})
        return operator(Builtin.SQUEEZE, [image(1, 2, 1, 3)], image(*output), *options, version=1)

    answers = {
        "of all ones": (model([], (2, 3)), EQUAL),
        "of 0 and -2": (model([0, -2], (2, 3)), EQUAL),
        "to a false shape": (model([0], (1, 2, 3)), "computes the shape"),
        "of a two": (model([1], (1, 1, 3)), "squeeze of axis 1"),
        "of axis 4": (model([4], (1, 2, 3)), "squeeze of axis 4"),
        "of axis -5": (model([-5], (1, 2, 3)), "squeeze of axis -5"),
    }
    for name, (built, answer) in answers.items():
        yield Case(f"squeeze {name}", built, answer)


def _expansions() -> Iterator[Case]:
    answers: dict[str, tuple[Operand, str]] = {
        "of -2": (constant("int32", -2), EQUAL),
        "of a false axis": (constant("int32", 0), "computes the shape"),
        "of 3": (constant("int32", 3), "to add to the shape"),
        "of -4": (constant("int32", -4), "to add to the shape"),
        "of two axes": (constant("int32", 1, 1), "to add to the shape"),
        "of a float": (constant("float32", 1), "is float32 in an int8"),
        "of a variable": (variable((1,)), "not int8, int16 or float32"),
    }
    for name, (axis, answer) in answers.items():
        model = operator(Builtin.EXPAND_DIMS, [image(2, 3), axis], image(2, 1, 3), version=1)
        yield Case(f"expansion {name}", model, answer)


def _slice(
    lists: Sequence[Sequence[int]], output: tuple[int, ...] = (2, 2), **fields: Any
) -> bytes:
    inputs: list[Operand | None] = [image(4, 6), *(constant("int32", *part) for part in lists)]
    return operator(Builtin.STRIDED_SLICE, inputs, image(*output), "StridedSliceOptions", fields)


def _slices() -> Iterator[Case]:
    whole = ([0, 0], [4, 6], [1, 1])
    answers = {
        "": (_slice(([1, 0], [4, 6], [2, 3])), EQUAL),
        "backwards": (_slice(([3, 5], [0, 0], [-1, -2]), (3, 3)), EQUAL),
        "between extremes": (_slice(([LOWEST] * 2, [HIGHEST] * 2, [1, 1]), (4, 6)), EQUAL),
        "of a huge stride": (_slice(([0, 0], [4, 6], [HIGHEST] * 2), (1, 1)), EQUAL),
        "of the lowest stride": (_slice(([3, 5], [0, 0], [LOWEST] * 2), (1, 1)), ALONE),
        "of all masks": (
            _slice(([1, 1], [1, 1], [1, 1]), (4, 6), begin_mask=-1, end_mask=-1),
            EQUAL,
        ),
        "of far masks": (_slice(([1, 0], [4, 6], [2, 3]), begin_mask=4, end_mask=2**30), EQUAL),
        "of stride 0": (_slice(([1, 0], [4, 6], [0, 3])), "a stride of 0"),
        "of nothing": (_slice(([3, 5], [0, 0], [1, 1])), "an empty slice"),
        "past the end": (_slice(([9, 0], [10, 6], [1, 1])), "an empty slice"),
        "of index 7": (_slice(([7, 0], [8, 6], [1, 1]), (6,), shrink_axis_mask=1), "index 7 of"),
        "of an index back": (
            _slice(([1, 0], [0, 6], [-1, 1]), (6,), shrink_axis_mask=1),
            "an index with the stride -1",
        ),
        "of three entries": (_slice(([0] * 3, [1] * 3, [1] * 3)), "a slice of 3 entries"),
        "of unequal lists": (_slice(([1, 0], [4], [1, 1])), "whose lists differ in length"),
        "of two ellipses": (_slice(whole, (4, 6), ellipsis_mask=3), "a slice of 2 entries"),
        "relative": (_slice(whole, (4, 6), offset=True), "relative to its begin"),
        "to a false shape": (_slice(([1, 0], [4, 6], [2, 3]), (4,)), "computes the shape"),
    }
    for name, (model, answer) in answers.items():
        yield Case(f"slice {name}", model, answer)


def _softmax_of_reshape() -> bytes:
    """To TFLite ten rows of one, though the file says one row of ten."""
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (1, 10), "int8", scale=0.05, zero_point=3)
    shape = writer.add_tensor("shape", (2,), "int32", data=[10, 1])
    middle = writer.add_tensor("middle", (1, 10), "int8", scale=0.05, zero_point=3)
    result = writer.add_tensor("result", (1, 10), "int8", scale=1 / 256, zero_point=-128)
    code = tflite.BuiltinOperator
    writer.add_operator(code.RESHAPE, [source, shape], [middle], Options("ReshapeOptions"))
    options = Options("SoftmaxOptions", {"beta": 1.0})
    writer.add_operator(code.SOFTMAX, [middle], [result], options, version=2)
    return writer.finish([source], [result])

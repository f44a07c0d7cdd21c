# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Uses of operators that have no exact integer form: refused by name, never guessed at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import tflite
from support.activations import LOGISTIC_OUTPUT, activation, softmax
from support.elementwise import binary
from support.shapes import resize_nearest
from support.single_operator import Operand, Quantized, single_operator
from tflite_writer import Options, TFLiteWriter

from microtvm.compiler import compile_model
from microtvm.errors import UnsupportedOperatorError

Builtin = tflite.BuiltinOperator
SOURCE = Quantized(0.05, 3)
OTHER = Quantized(0.1, 3)
IMAGE = SOURCE.operand((1, 4, 4, 2))


def _moved_to_another_scale() -> Iterator[tuple[str, bytes]]:
    """TFLite copies the bytes; the scales say that the numbers change."""
    shape, axes = Operand.constant([4, 8]), Operand.constant([0, 2, 1, 3])
    flat = OTHER.operand((4, 8))
    yield "RESHAPE", single_operator(Builtin.RESHAPE, [IMAGE, shape], [flat])
    same = OTHER.operand(IMAGE.shape)
    yield "TRANSPOSE", single_operator(Builtin.TRANSPOSE, [IMAGE, axes], [same])
    window = ("stride_h", "stride_w", "filter_height", "filter_width")
    pool = Options("Pool2DOptions", dict.fromkeys(window, 1))
    yield "MAX_POOL_2D", single_operator(Builtin.MAX_POOL_2D, [IMAGE], [same], pool)
    joined = OTHER.operand((2, 4, 4, 2))
    options = Options("ConcatenationOptions", {"axis": 0})
    model = single_operator(Builtin.CONCATENATION, [IMAGE, IMAGE], [joined], options)
    yield "CONCATENATION", model


def _scales_without_meaning() -> Iterator[tuple[str, bytes]]:
    fine = Quantized(1e-9, 0)
    yield "ADD", binary("add", IMAGE, IMAGE, fine.operand(IMAGE.shape))
    yield "HARD_SWISH", activation("hard_swish", (4,), SOURCE, Quantized(1e-5, 0))
    yield "SOFTMAX", softmax((1, 4), SOURCE, target=replace(LOGISTIC_OUTPUT, zero_point=0))
    yield "SOFTMAX", softmax((1, 4), SOURCE, target=Quantized(1 / 128, -128))


def _types_and_arguments() -> Iterator[tuple[str, bytes]]:
    wide = Operand((4,), "int16", 0.1, 0)
    yield "TANH", single_operator(Builtin.TANH, [wide], [wide])
    plain = Operand((4,), "float32")
    yield "RELU", single_operator(Builtin.RELU, [plain], [SOURCE.operand((4,))])
    yield "GELU", single_operator(Builtin.GELU, [plain], [plain], Options("GeluOptions"))
    both = resize_nearest(IMAGE, (2, 2), align_corners=True, half_pixel_centers=True)
    yield "RESIZE_NEAREST_NEIGHBOR", both
    lists = [Operand.constant([value]) for value in (5, 6, 1)]
    dropped = Options("StridedSliceOptions", {"shrink_axis_mask": 1})
    output = SOURCE.operand((4, 4, 2))
    yield (
        "STRIDED_SLICE",
        single_operator(Builtin.STRIDED_SLICE, [IMAGE, *lists], [output], dropped),
    )


REFUSED = [*_moved_to_another_scale(), *_scales_without_meaning(), *_types_and_arguments()]


@pytest.mark.parametrize(("name", "model"), REFUSED, ids=[name for name, _ in REFUSED])
def test_refused_with_its_name_and_output(name: str, model: bytes) -> None:
    with pytest.raises(UnsupportedOperatorError) as caught:
        compile_model(model)
    assert f"{name} -> 'output0' (" in str(caught.value)


def test_all_are_named_at_once() -> None:
    writer = TFLiteWriter()
    names = ("first", "second", "third", "fourth")
    indices = [writer.add_tensor(name, (4,), "float32") for name in names]
    operators = (Builtin.GELU, Builtin.RELU, Builtin.FLOOR)
    for builtin, source, target in zip(operators, indices[:-1], indices[1:], strict=True):
        writer.add_operator(builtin, [source], [target])
    with pytest.raises(UnsupportedOperatorError) as caught:
        compile_model(writer.finish(indices[:1], indices[-1:]))
    message = str(caught.value)
    assert message.startswith("2 operators cannot be compiled:")
    assert "GELU -> 'second' (float32 4)" in message
    assert "FLOOR -> 'fourth' (float32 4)" in message

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Damaged and hostile files: each compiles to LiteRT's numbers, or is refused with a reason."""

from __future__ import annotations

import re

import pytest
import tflite
from support.differential import ALONE, EQUAL, disagreements, verdicts
from support.hostile import graphs, patches
from support.isolated import map_isolated
from support.refusals import reads
from tflite_writer import TFLiteWriter

from microtvm.compiler import model_file
from microtvm.compiler.model_file import read_model
from microtvm.errors import ModelError

GOOD = patches.GOOD


def test_what_is_read_of_a_good_file() -> None:
    model = read_model(GOOD)
    names = [operator.builtin for operator in model.operators]
    assert names == [
        *("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "AVERAGE_POOL_2D"),
        *("RESHAPE", "FULLY_CONNECTED", "SOFTMAX"),
    ]
    source, result = (model.tensors[index] for index in (*model.inputs, *model.outputs))
    assert (source.name, source.shape, source.dtype) == ("image", (1, 8, 8, 1), "int8")
    assert (result.scales, result.zero_points, result.data) == ((1 / 256,), (-128,), None)
    weights = model.tensors[model.operators[0].inputs[1]]
    assert weights.data is not None
    assert weights.data.shape == weights.shape == (16, 3, 3, 1)
    assert (len(weights.scales), weights.axis) == (16, 0)


def test_each_odd_graph_is_equal_or_refused_with_a_reason() -> None:
    cases = list(graphs.cases())
    wrong = disagreements([(case.name, case.model, case.answer) for case in cases])
    assert not wrong, wrong


@pytest.mark.parametrize("length", [0, 1, 4, 7, 8, 12, 100])
def test_a_start_of_a_file_is_refused(length: int) -> None:
    with pytest.raises(ModelError, match=r"not a TFLite model|it ends before"):
        read_model(GOOD[:length])


def test_every_truncated_file_is_refused() -> None:
    for length in range(0, len(GOOD) - 16, 13):
        with pytest.raises(ModelError):
            read_model(GOOD[:length])


@pytest.mark.parametrize("mark", [b"TFL2", b"TFL4", b"\0\0\0\0", b"tfl3"])
def test_another_mark_is_refused(mark: bytes) -> None:
    with pytest.raises(ModelError, match="do not carry the mark 'TFL3'"):
        read_model(GOOD[:4] + mark + GOOD[8:])


def test_another_version_of_the_schema_is_refused() -> None:
    position = tflite.Model.GetRootAs(GOOD, 0)._tab
    other = patches.with_word(GOOD, position.Pos + position.Offset(4), 2)
    with pytest.raises(ModelError, match="its schema has version 2, not 3"):
        read_model(other)


def test_a_file_larger_than_any_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MAX_FILE_BYTES", 1000)
    with pytest.raises(ModelError, match=f"the model file has {len(GOOD)} bytes"):
        read_model(GOOD)


def test_constants_larger_than_any_device_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "MAX_CONSTANT_BYTES", 1000)
    with pytest.raises(ModelError, match="constants of more than 1000 bytes"):
        read_model(GOOD)


def test_two_graphs_are_refused() -> None:
    with pytest.raises(ModelError, match="the model has 2 graphs"):
        read_model(patches.with_two_graphs(GOOD))


def test_vectors_longer_than_the_file_are_refused() -> None:
    """A name is cut at the end of the file, and nothing depends on it."""
    for name, position in patches.vectors(GOOD).items():
        for length in (2**32 - 1, 2**31, 2**31 - 1, 2**20):
            if name in ("name", "operator codes", "buffers"):
                continue
            with pytest.raises(ModelError):
                read_model(patches.with_word(GOOD, position, length))


def test_every_operator_code_follows_the_larger_field() -> None:
    """As LiteRT reads it: files of old and of new converters fill in one or the other."""
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (1, 4), "int8", scale=0.1)
    result = writer.add_tensor("result", (1, 4), "int8", scale=0.1)
    writer.add_operator(tflite.BuiltinOperator.RELU, [source], [result])
    model = writer.finish([source], [result])
    code = tflite.Model.GetRootAs(model, 0).OperatorCodes(0)._tab
    field = code.Pos + code.Offset(10)
    relu6 = patches.with_word(model, field, tflite.BuiltinOperator.RELU6)
    assert read_model(relu6).operators[0].builtin == "RELU6"
    relu = patches.with_word(model, field, tflite.BuiltinOperator.ADD)
    assert read_model(relu).operators[0].builtin == "RELU"


def test_scales_may_come_without_zero_points() -> None:
    position = patches.vectors(GOOD)["zero points"]
    model = read_model(patches.with_word(GOOD, position, 0))
    assert model.tensors[0].zero_points == (0,)


def test_tensors_are_named_safely() -> None:
    """A terminal gets to see these names."""
    writer = TFLiteWriter()
    index = writer.add_tensor("\x1b[2J\n'" + "x" * 1000, (1,), "int8", scale=0.1)
    result = writer.add_tensor("result", (1,), "int8", scale=0.1)
    writer.add_operator(tflite.BuiltinOperator.RELU, [index], [result])
    text = str(read_model(writer.finish([index], [result])).tensors[0])
    assert text.isprintable()
    assert len(text) < 300


def test_noise_is_refused_or_read() -> None:
    (count,) = map_isolated(reads, [[patches.noise(seed) for seed in range(2000)]])
    assert count == 0


def test_files_with_flipped_bytes_are_refused_or_read() -> None:
    chunks = [
        [patches.flipped(seed) for seed in range(first, first + 500)]
        for first in range(0, 3000, 500)
    ]
    counts = map_isolated(reads, chunks)
    assert all(isinstance(count, int) for count in counts), counts
    assert 0 < sum(counts) < 3000


def test_files_with_flipped_structure_are_refused_or_give_the_numbers_of_the_reference() -> None:
    found = verdicts(list(patches.structural(90)))
    wrong = [verdict for verdict in found if not re.match(f"{EQUAL}|{ALONE}|refused: ", verdict)]
    assert not wrong, wrong
    assert found.count(EQUAL) > 8
    assert len(set(found)) > 20

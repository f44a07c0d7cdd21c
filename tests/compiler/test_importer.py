# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models as Relax in QDQ form, and the one error that names all that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import tflite
import tvm
from support.float_network import float_network
from support.hostile.patches import GOOD, with_word
from support.int8_network import int8_network
from tflite_writer import TFLiteWriter
from tvm import relax

from microtvm.compiler import compile_model
from microtvm.compiler.importer import SUPPORTED, ImportedModel, import_tflite
from microtvm.compiler.qdq import call_name, constant_value
from microtvm.errors import ModelError, UnsupportedOperatorError

_MODELS = {"digits": GOOD, "int8": int8_network(), "float": float_network()}
_Code = tflite.BuiltinOperator


@pytest.fixture(params=_MODELS)
def imported(request: pytest.FixtureRequest) -> ImportedModel:
    return import_tflite(_MODELS[request.param])


def _bindings(imported: ImportedModel) -> Iterator[Any]:
    for block in imported.module["main"].body.blocks:
        yield from block.bindings


def test_the_module_is_valid_relax(imported: ImportedModel) -> None:
    relax.analysis.well_formed(imported.module)
    assert [variable.name_hint for variable in imported.module.get_global_vars()] == ["main"]
    assert imported.unsupported == ()


def test_the_text_can_be_read_again(imported: ImportedModel) -> None:
    again = tvm.script.from_source(imported.module.script(show_meta=True))
    tvm.ir.assert_structural_equal(again, imported.module)


def test_each_tensor_that_an_operator_writes_is_one_variable(imported: ImportedModel) -> None:
    written = [binding.var.name for binding in _bindings(imported)]
    named = [name for name in written if name in imported.sources]
    assert named == list(imported.operators)
    parameters = [parameter.name for parameter in imported.module["main"].params]
    assert set(imported.sources) == {*named, *parameters}
    assert parameters == ["t0"]


@pytest.mark.parametrize("name", ["digits", "int8"])
def test_each_int8_tensor_is_quantised_once_by_its_own_scale(name: str) -> None:
    imported = import_tflite(_MODELS[name])
    for binding in _bindings(imported):
        is_tensor = binding.var.name in imported.sources
        assert is_tensor == (call_name(binding.value) == "quantize")
        if is_tensor:
            source = imported.sources[binding.var.name]
            scale, point = (constant_value(part) for part in binding.value.args[1:3])
            assert (scale, point) == (np.float32(source.scales[0]), source.zero_points[0])


def test_a_float_model_has_no_quantisation() -> None:
    calls = {call_name(binding.value) for binding in _bindings(import_tflite(float_network()))}
    assert not calls & {"quantize", "dequantize"}


def _with_unsupported() -> bytes:
    """exp, then a supported relu of it, then a custom operator, and apart from them a cumsum."""
    writer = TFLiteWriter()
    names = ("source", "exponent", "clamped", "result", "other")
    tensors = [writer.add_tensor(name, (1, 4), "int8", scale=0.1) for name in names]
    wide = writer.add_tensor("wide", (1, 4), "int16", scale=0.1)
    axis = writer.add_tensor("axis", (), "int32", data=0)
    writer.add_operator(_Code.EXP, [tensors[0]], [tensors[1]])
    writer.add_operator(_Code.RELU, [tensors[1]], [tensors[2]], version=2)
    writer.add_operator(_Code.CUSTOM, [tensors[2]], [tensors[3]], custom_code="Detect\x1b\n")
    writer.add_operator(_Code.CUMSUM, [tensors[0], axis], [tensors[4]])
    writer.add_operator(_Code.QUANTIZE, [tensors[0]], [wide])
    return writer.finish([tensors[0]], [tensors[3], tensors[4], wide])


def test_one_error_names_every_operator_with_its_output() -> None:
    with pytest.raises(UnsupportedOperatorError) as caught:
        compile_model(_with_unsupported())
    assert caught.value.found.splitlines() == [
        "4 operators cannot be compiled:",
        "    EXP -> 'exponent' (quantised int8 1x4): no conversion for this operator",
        "    custom operator 'Detect\\x1b\\n' -> 'result' (quantised int8 1x4):"
        " no conversion for this operator",
        "    CUMSUM -> 'other' (quantised int8 1x4): no conversion for this operator",
        "    QUANTIZE -> 'wide' (quantised int16 1x4): from int8 to int16",
    ]
    assert "\x1b" not in str(caught.value)
    assert "conv_2d" in caught.value.expected
    assert caught.value.hint


def test_operators_that_fail_at_different_stages_share_the_error() -> None:
    """One has no conversion, one asks TVM's front end for too much, one has no fixed point."""
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (1, 4), "int8", scale=1e30)
    tensors = [writer.add_tensor(f"t{i}", (1, 4), "int8", scale=0.1) for i in range(3)]
    wrong = writer.add_tensor("wrong", (4, 1), "int8", scale=0.1)
    writer.add_operator(_Code.EXP, [source], [tensors[0]])
    writer.add_operator(_Code.RELU, [source], [tensors[1]], version=2)
    writer.add_operator(_Code.TANH, [tensors[2]], [wrong], version=2)
    with pytest.raises(UnsupportedOperatorError) as caught:
        compile_model(writer.finish([source, tensors[2]], [*tensors[:2], wrong]))
    lines = caught.value.found.splitlines()
    assert len(lines) == 4
    for part in ("EXP -> 't0'", "TANH -> 'wrong'", "RELU -> 't1'"):
        assert any(part in line for line in lines)


@pytest.mark.parametrize("kind", [8, 12, 17, 99, 127])
def test_types_that_nothing_here_knows_are_named(kind: int) -> None:
    """Among them complex numbers, resources and numbers that no schema has."""
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (4,), "int8", scale=0.1)
    result = writer.add_tensor("result", (4,), "uint8", scale=0.1)
    writer.add_operator(_Code.RELU, [source], [result], version=2)
    model = writer.finish([source], [result])
    view = tflite.Model.GetRootAs(model, 0).Subgraphs(0).Tensors(result)._tab
    position = view.Pos + view.Offset(6)
    strange = model[:position] + bytes([kind]) + model[position + 1 :]
    with pytest.raises(UnsupportedOperatorError, match="RELU -> 'result'"):
        compile_model(strange)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "bool", "float16"])
def test_inputs_of_other_types_are_named(dtype: str) -> None:
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (4,), dtype, scale=0.1)
    result = writer.add_tensor("result", (4,), "int8", scale=0.1)
    writer.add_operator(_Code.QUANTIZE, [source], [result])
    found = rf"'source' \(.*{dtype} 4\) is not int8, int16 or float32"
    with pytest.raises(ModelError, match=found):
        compile_model(writer.finish([source], [result]))


def test_float_operators_with_int8_weights_are_named() -> None:
    writer = TFLiteWriter()
    source = writer.add_tensor("source", (1, 4), "float32")
    weights = writer.add_tensor("weights", (2, 4), "int8", scale=0.1, data=np.ones((2, 4)))
    result = writer.add_tensor("result", (1, 2), "float32")
    writer.add_operator(_Code.FULLY_CONNECTED, [source, weights], [result])
    with pytest.raises(UnsupportedOperatorError, match=r"int8 in a float32 operator \(dynamic"):
        compile_model(writer.finish([source], [result]))


def test_reasons_are_one_line_each() -> None:
    for builtin in sorted(SUPPORTED):
        writer = TFLiteWriter()
        tensors = [writer.add_tensor("t", (1, 2, 3), "int8", scale=0.1) for _ in range(8)]
        writer.add_operator(getattr(_Code, builtin), tensors[:7], tensors[7:])
        with pytest.raises(UnsupportedOperatorError) as caught:
            compile_model(writer.finish(tensors[:7], tensors[7:]))
        assert re.fullmatch(
            rf"1 operator cannot be compiled:\n    {builtin} -> 't' \(.*\): .{{3,200}}",
            caught.value.found,
        )


def test_a_slot_of_the_schema_that_nothing_reads_changes_nothing() -> None:
    """The description is for people."""
    root = tflite.Model.GetRootAs(GOOD, 0)._tab
    field = root.Pos + root.Offset(4 + 2 * 3)
    text = root.Indirect(field) + 4
    changed = with_word(GOOD, text, 0x21212121)
    one, other = (import_tflite(model).module for model in (GOOD, changed))
    tvm.ir.assert_structural_equal(one, other)

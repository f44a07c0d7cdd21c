# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""LiteRT's numbers for the digits model, in this process and in a child."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tflite
from tflite_writer import Options, TFLiteWriter

from microtvm.errors import MissingExtraError, ModelError
from microtvm.validate import ReferenceModel, run_isolated

MODEL = (Path(__file__).resolve().parents[1] / "models" / "digits_int8.tflite").read_bytes()
ZEROS = np.zeros((1, 8, 8, 1), dtype=np.int8)


def _average_pool(values: list[int]) -> tuple[bytes, np.ndarray]:
    """A pool over the whole image: its rounding tells the reference kernels from others."""
    writer = TFLiteWriter()
    shape = (1, 1, len(values), 1)
    data = writer.add_tensor("data", shape, "int8", scale=1.0, zero_point=0)
    result = writer.add_tensor("result", (1, 1, 1, 1), "int8", scale=1.0, zero_point=0)
    window = {"stride_h": 1, "stride_w": 1, "filter_height": 1, "filter_width": len(values)}
    options = Options("Pool2DOptions", window | {"padding": tflite.Padding.VALID})
    writer.add_operator(tflite.BuiltinOperator.AVERAGE_POOL_2D, [data], [result], options)
    return writer.finish([data], [result]), np.array(values, dtype=np.int8).reshape(shape)


def test_inputs_and_outputs_are_described() -> None:
    model = ReferenceModel(MODEL)
    assert [detail.name for detail in model.inputs] == ["image"]
    assert (model.inputs[0].shape, model.inputs[0].dtype) == ((1, 8, 8, 1), "int8")
    assert [detail.name for detail in model.outputs] == ["probabilities"]


def test_every_tensor_is_kept() -> None:
    tensors = ReferenceModel(MODEL).run([ZEROS])
    graph = tflite.Model.GetRootAs(MODEL).Subgraphs(0)
    for index in range(graph.TensorsLength()):
        assert tensors[index].shape == tuple(graph.Tensors(index).ShapeAsNumpy())


@pytest.mark.parametrize(("values", "mean"), [([1, 2], 2), ([-1, -2], -2), ([1, 1, 2], 1)])
def test_averages_round_half_away_from_zero(values: list[int], mean: int) -> None:
    model, data = _average_pool(values)
    assert ReferenceModel(model).run([data])[1].item() == mean


def test_a_child_gives_the_same_numbers() -> None:
    rng = np.random.default_rng(3)
    batches = [[rng.integers(-128, 128, ZEROS.shape, dtype=np.int8)] for _ in range(2)]
    model = ReferenceModel(MODEL)
    for result, batch in zip(run_isolated(MODEL, batches), batches, strict=True):
        expected = model.run(batch)
        assert result.keys() == expected.keys()
        for index, tensor in expected.items():
            np.testing.assert_array_equal(result[index], tensor)


@pytest.mark.parametrize(
    "inputs", [[], [ZEROS, ZEROS], [ZEROS.astype(np.int16)], [ZEROS.reshape(1, 64)]]
)
def test_wrong_inputs_are_refused(inputs: list[np.ndarray]) -> None:
    with pytest.raises(ModelError, match="input"):
        ReferenceModel(MODEL).run(inputs)


@pytest.mark.parametrize("model", [b"", b"nothing like a model", MODEL[:1000]])
def test_damaged_models_are_refused(model: bytes) -> None:
    with pytest.raises(ModelError):
        run_isolated(model, [[ZEROS]])


def test_a_child_that_does_not_end_is_stopped() -> None:
    with pytest.raises(ModelError, match=r"did not finish within 0\.01 seconds"):
        run_isolated(MODEL, [[ZEROS]], timeout_seconds=0.01)


def test_a_child_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ModelError, match="exit status 1"):
        run_isolated(MODEL, [[ZEROS]])


def test_without_litert_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"microtvm\[validate\]"):
        ReferenceModel(MODEL)
    with pytest.raises(MissingExtraError, match=r"microtvm\[validate\]"):
        run_isolated(MODEL, [[ZEROS]])

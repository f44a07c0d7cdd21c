# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from support.host_firmware import MODELS, POOLED, model_folder

from microtvm.errors import ArchiveError
from microtvm.session import parse_metadata, read_metadata
from microtvm.session.memory_plan import PoolInfo

FILE = model_folder("stub") / "metadata.json"
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))


def changed(path: str, value: Any) -> Any:
    """The stub's document with one value replaced; the path starts below its "microtvm"."""
    document = copy.deepcopy(DOCUMENT)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    target = document["modules"]["stub"]["microtvm"]
    for key in parents:
        target = target[key]
    target[last] = value
    return document


@pytest.mark.parametrize("name", [*MODELS, POOLED])
def test_reads_the_models_of_the_tests(name: str) -> None:
    assert read_metadata(model_folder(name) / "metadata.json").name == name


def test_reads_every_field() -> None:
    model = read_metadata(FILE, "stub")
    assert (model.inputs, model.outputs) == ((0,), (2,))
    assert [layer.operator for layer in model.layers] == ["relu", "add"]
    tensor = model.tensors[1]
    assert (tensor.index, tensor.name, tensor.shape, tensor.dtype) == (1, "hidden", (1, 8), "int8")
    assert (tensor.scale, tensor.zero_point, tensor.source_index) == ((0.5,), (0,), 1)
    assert (tensor.alive_from, tensor.alive_to) == (1, 2)
    assert (tensor.pool, tensor.offset) == (0, 16)
    assert model.pools == (PoolInfo("global_workspace", 32, 32, "workspace"),)


CHOICE = {
    "schedule": "plain",
    "blocks": {"weight_bits": 8},
    "estimated_cycles": 9,
    "others": [{"schedule": "slow", "blocks": {}, "estimated_cycles": 90}],
    "refused": {"fast": "takes int16"},
}


def test_reads_why_a_layer_has_its_schedule() -> None:
    model = parse_metadata(changed("layers.0.choice", CHOICE), "here")
    found = model.layers[0].choice
    assert found is not None
    assert (found.taken.schedule, found.taken.blocks, found.taken.cycles) == (
        "plain",
        {"weight_bits": 8},
        9,
    )
    assert [(other.schedule, other.cycles) for other in found.others] == [("slow", 90)]
    assert found.refused == {"fast": "takes int16"}
    assert model.layers[1].choice is None


def test_reads_what_was_left_out() -> None:
    assert parse_metadata(DOCUMENT, "here").simplification is None
    counts = {"channels": 3, "channels_before": 4, "macs": 5, "macs_before": 6}
    model = parse_metadata(changed("simplified", counts), "here")
    assert model.simplification is not None
    assert model.simplification.channels_before == 4


CHAIN = {
    "first": 1,
    "last": 2,
    "operators": ["relu", "add"],
    "height": 4,
    "stripes": 6,
    "recomputed_macs": 7,
}


def test_reads_which_layers_run_in_stripes() -> None:
    (chain,) = parse_metadata(changed("chains", [CHAIN]), "here").chains
    assert (chain.first, chain.last, chain.operators) == (1, 2, ("relu", "add"))
    assert (chain.height, chain.stripes, chain.recomputed_macs) == (4, 6, 7)
    assert parse_metadata(DOCUMENT, "here").chains == ()
    with pytest.raises(ArchiveError, match="an array of strings"):
        parse_metadata(changed("chains", [{**CHAIN, "operators": [5]}]), "here")


def test_a_layer_without_a_function_has_no_code() -> None:
    layers = parse_metadata(changed("layers.1.function", None), "here").layers
    assert [layer.has_code for layer in layers] == [True, False]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"blocks": []}, "a table"),
        ({"blocks": {"band": "wide"}}, "a whole number"),
        ({"estimated_cycles": -1}, "a number from 0"),
        ({"others": [7]}, "a table"),
        ({"others": [{**CHOICE, "schedule": 7}]}, "a string"),
        ({"refused": {"fast": None}}, "a value for 'fast'"),
    ],
)
def test_refuses_a_damaged_choice(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        parse_metadata(changed("layers.0.choice", {**CHOICE, **change}), "here")


def test_a_tensor_may_have_no_source() -> None:
    model = parse_metadata(changed("tensors.1.source_index", None), "here")
    assert model.tensors[1].source_index is None


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("checksum", "5", "a whole number"),
        ("inputs", [3], "not there"),
        ("inputs", [-1], "below 0"),
        ("outputs", 2, "an array"),
        ("tensors", {}, "an array"),
        ("tensors.0", 7, "a table"),
        ("tensors.0.dtype", "int4", "int8 or uint8"),
        ("tensors.0.shape", [1, 7], "8 bytes"),
        ("tensors.0.shape", [1, -8], "below 0"),
        ("tensors.0.shape", [1, True], "whole numbers"),
        ("tensors.0.scale", ["0.5"], "numbers"),
        ("tensors.0.name", None, "'name'"),
        ("tensors.0.pool", 1, "is in pool 1"),
        ("tensors.0.pool", -1, "'pool' is -1"),
        ("tensors.0.offset", 25, "ends at 33 in pool 'global_workspace'"),
        ("memory.pools", [], "is in pool 0"),
        ("memory.pools.0.size_bytes", 23, "ends at 24 in pool"),
        ("memory.pools.0.kind", "fast", "workspace or io"),
        ("layers.1.index", 3, "numbered from 1"),
        ("layers.1.inputs", [99], "not there"),
    ],
)
def test_refuses_damaged_metadata(path: str, value: Any, message: str) -> None:
    with pytest.raises(ArchiveError, match=message):
        parse_metadata(changed(path, value), "here")


@pytest.mark.parametrize("document", [None, [], {}, {"modules": []}, {"modules": {"stub": 5}}])
def test_refuses_other_documents(document: Any) -> None:
    with pytest.raises(ArchiveError):
        parse_metadata(document, "here")


def test_names_the_modules_that_there_are() -> None:
    with pytest.raises(ArchiveError, match="no module 'other'") as caught:
        read_metadata(FILE, "other")
    assert caught.value.expected == "stub"
    with pytest.raises(ArchiveError, match="has no module"):
        parse_metadata({"modules": {}}, "here")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100000])
def test_refuses_files_that_are_not_json(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "metadata.json"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="Cannot read"):
        read_metadata(path)
    with pytest.raises(ArchiveError, match="Cannot read"):
        read_metadata(tmp_path / "missing.json")

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Arrays for the inputs, and files of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from microtvm.cli.tensors import (
    FILL_MODES,
    InputError,
    filled_inputs,
    read_inputs,
    top_table,
    write_outputs,
)


@dataclass(frozen=True)
class Spec:
    name: str
    shape: tuple[int, ...]
    dtype: str


IMAGE = Spec("image", (1, 2), "int8")
STATE = Spec("state", (3,), "float32")
VALUES = np.array([[5, -6]], dtype=np.int8)
ZEROS = np.zeros(3, dtype=np.float32)


@pytest.mark.parametrize("mode", FILL_MODES)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "float32", "bool"])
def test_filled(mode: str, dtype: str) -> None:
    tensors = [Spec("a", (2, 50), dtype), Spec("b", (), dtype)]
    arrays = filled_inputs(tensors, mode)
    assert [(array.shape, array.dtype.name) for array in arrays] == [((2, 50), dtype), ((), dtype)]
    assert len(np.unique(arrays[0])) == 1 or mode == "random"
    assert len(np.unique(arrays[0])) > 1 or mode != "random"
    again = filled_inputs(tensors, mode)
    np.testing.assert_array_equal(arrays[0], again[0])


def test_random_bytes_use_the_whole_range() -> None:
    (array,) = filled_inputs([Spec("a", (10_000,), "int8")], "random")
    assert (array.min(), array.max()) == (-128, 127)


@pytest.mark.parametrize(
    "names", [("image", "state"), ("input_0", "input_1"), ("image", "input_1")]
)
def test_inputs_by_name_or_number(tmp_path: Path, names: tuple[str, str]) -> None:
    path = tmp_path / "in.npz"
    np.savez(path, **dict(zip(names, (VALUES, ZEROS), strict=True)))
    image, state = read_inputs(path, [IMAGE, STATE])
    np.testing.assert_array_equal(image, VALUES)
    np.testing.assert_array_equal(state, ZEROS)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "no array for the input 'image'"),
        ({"image": VALUES, "other": VALUES}, "no input of the model"),
        ({"image": VALUES.astype(np.int32)}, "is int32"),
        ({"image": VALUES.reshape(2)}, r"is int8 \(2,\)"),
    ],
)
def test_inputs_that_do_not_fit(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
) -> None:
    path = tmp_path / "in.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=message):
        read_inputs(path, [IMAGE])


def _pickled(path: Path) -> None:
    np.savez(path, image=np.array([object()], dtype=object))


def _truncated(path: Path) -> None:
    np.savez(path, image=VALUES)
    path.write_bytes(path.read_bytes()[:-30])


def _not_a_zip(path: Path) -> None:
    path.write_bytes(b"\x93NUMPY" + bytes(100))


def _a_single_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, VALUES)


@pytest.mark.parametrize("write", [_pickled, _truncated, _not_a_zip, _a_single_array])
def test_files_that_are_no_npz(tmp_path: Path, write: object) -> None:
    assert callable(write)
    path = tmp_path / "in.npz"
    write(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_inputs(path, [IMAGE])


def test_outputs_have_two_names(tmp_path: Path) -> None:
    path = tmp_path / "out.npz"
    write_outputs(
        path, [Spec("a/b:0", (1, 2), "int8"), Spec("file", (3,), "float32")], [VALUES, ZEROS]
    )
    with np.load(path) as archive:
        assert sorted(archive.files) == ["a/b:0", "file", "output_0", "output_1"]
        np.testing.assert_array_equal(archive["a/b:0"], VALUES)
        np.testing.assert_array_equal(archive["output_1"], ZEROS)
    first = path.read_bytes()
    write_outputs(
        path, [Spec("a/b:0", (1, 2), "int8"), Spec("file", (3,), "float32")], [VALUES, ZEROS]
    )
    assert path.read_bytes() == first
    assert list(tmp_path.iterdir()) == [path]


def test_names_that_cannot_be_written_are_left_out(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out.npz", [Spec("\ud800", (1, 2), "int8")], [VALUES])
    with np.load(tmp_path / "out.npz") as archive:
        assert archive.files == ["output_0"]


def test_top() -> None:
    array = np.array([[1, 127, -128, 127]], dtype=np.int8)
    assert top_table(Spec("scores", (1, 4), "int8"), array, 3).splitlines() == [
        "scores",
        "index  value",
        "-----  -----",
        "    1    127",
        "    3    127",
        "    0      1",
    ]

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The arrays of `tvmc run`: inputs filled or read from .npz, outputs written and summed up."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from microtvm.cli.console import format_table
from microtvm.cli.files import read_file, replaced_file
from microtvm.errors import MicroTVMError

Tensor = npt.NDArray[Any]

FILL_MODES = ("zeros", "ones", "random")
_SEED = 0


class TensorLike(Protocol):
    """What is known of a tensor without its values."""

    @property
    def name(self) -> str: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> str: ...


class InputError(MicroTVMError):
    """Inputs that do not fit the model."""


def filled_inputs(tensors: Sequence[TensorLike], mode: str) -> list[Tensor]:
    """An array for each input; the random ones are the same each time."""
    rng = np.random.default_rng(_SEED)
    return [_filled(tensor, mode, rng) for tensor in tensors]


def _filled(tensor: TensorLike, mode: str, rng: np.random.Generator) -> Tensor:
    dtype = np.dtype(tensor.dtype)
    if mode == "zeros":
        return np.zeros(tensor.shape, dtype)
    if mode == "ones":
        return np.ones(tensor.shape, dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, tensor.shape).astype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, tensor.shape, dtype, endpoint=True)
    return rng.random(tensor.shape).astype(dtype)


def read_inputs(path: Path, tensors: Sequence[TensorLike]) -> list[Tensor]:
    """The inputs in an .npz file, under their names or input_0, input_1 and so on."""
    arrays = _read_npz(path)
    known = {name for names in _names(tensors, "input") for name in names}
    if extra := sorted(set(arrays) - known):
        raise InputError(
            f"'{path}' has an array '{extra[0]}', which is no input of the model",
            expected=f"arrays {_listed(tensors)}",
        )
    found = []
    for tensor, names in zip(tensors, _names(tensors, "input"), strict=True):
        matching = [arrays[name] for name in names if name in arrays]
        if not matching:
            raise InputError(
                f"'{path}' has no array for the input '{tensor.name}'",
                expected=f"arrays {_listed(tensors)}",
            )
        found.append(_checked(matching[0], tensor, path))
    return found


def _checked(array: Tensor, tensor: TensorLike, path: Path) -> Tensor:
    if array.shape != tuple(tensor.shape) or array.dtype != np.dtype(tensor.dtype):
        raise InputError(
            f"the array for '{tensor.name}' in '{path}' is {array.dtype} {array.shape}",
            expected=f"{tensor.dtype} {tuple(tensor.shape)}",
        )
    return array


def _read_npz(path: Path) -> dict[str, Tensor]:
    content = io.BytesIO(read_file(path, "the inputs"))
    try:
        with np.load(content, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    # Zip and array headers are parsed by many hands, each with errors of its own.
    except Exception as error:
        raise InputError(
            f"'{path}' cannot be read: {' '.join(str(error).split())}",
            expected="an .npz file of plain arrays, as numpy.savez writes",
        ) from error


def write_outputs(path: Path, tensors: Sequence[TensorLike], arrays: Sequence[Tensor]) -> None:
    """An .npz file with each output under output_0, output_1... and under its own name."""
    contents: dict[str, Tensor] = {}
    for names, array in zip(_names(tensors, "output"), arrays, strict=True):
        contents |= {name: array for name in names if name.isprintable()}
    with replaced_file(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in contents.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())


def top_table(tensor: TensorLike, array: Tensor, count: int) -> str:
    """The largest values of an output and where they stand in it."""
    flat = array.reshape(-1)
    order = np.argsort(-flat.astype(np.float64), kind="stable")[:count]
    rows = [[str(index), str(flat[index])] for index in order]
    return f"{tensor.name}\n" + format_table(["index", "value"], rows)


def _names(tensors: Sequence[TensorLike], kind: str) -> list[tuple[str, str]]:
    return [(tensor.name, f"{kind}_{index}") for index, tensor in enumerate(tensors)]


def _listed(tensors: Sequence[TensorLike]) -> str:
    described = (f"'{tensor.name}' ({tensor.dtype} {tuple(tensor.shape)})" for tensor in tensors)
    return ", ".join(described)

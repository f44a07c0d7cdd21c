# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A compiled model built for this machine and run layer by layer through its descriptor."""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.artifact import archive_files
from microtvm.compiler import CompiledModel
from microtvm.compiler.operators import Tensor

Array = npt.NDArray[Any]
_FLAGS = ("-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")


class _Tensor(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("offset", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("alive_from", ctypes.c_uint16),
        ("alive_to", ctypes.c_uint16),
        ("dtype", ctypes.c_uint8),
        ("pool", ctypes.c_uint8),
    )


class _Pool(ctypes.Structure):
    _fields_ = (("name", ctypes.c_char_p), ("size", ctypes.c_uint32))


class _Model(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("checksum", ctypes.c_uint32),
        ("tensor_count", ctypes.c_uint16),
        ("input_count", ctypes.c_uint16),
        ("output_count", ctypes.c_uint16),
        ("layer_count", ctypes.c_uint16),
        ("pool_count", ctypes.c_uint16),
        ("pools", ctypes.POINTER(_Pool)),
        ("tensors", ctypes.POINTER(_Tensor)),
        ("inputs", ctypes.POINTER(ctypes.c_uint16)),
        ("outputs", ctypes.POINTER(ctypes.c_uint16)),
        ("run_layer", ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint32, ctypes.c_void_p)),
    )


def write_sources(compiled: CompiledModel, folder: Path) -> list[Path]:
    """Writes the archive's files below `folder`; returns the C files."""
    for name, content in archive_files(compiled).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return sorted((folder / "codegen" / "host" / "src").glob("*.c"))


def build_library(models: Sequence[CompiledModel], folder: Path, flags: Sequence[str] = ()) -> Path:
    """One shared library of any number of models with different names."""
    sources = sorted({source for model in models for source in write_sources(model, folder)})
    library = folder / "models.so"
    include = folder / "codegen" / "host" / "include"
    command = ["gcc", *_FLAGS, *flags, "-I", include, "-o", library, *sources, "-lm"]
    subprocess.run([str(part) for part in command], check=True, timeout=300)
    return library


class HostModel:
    """One model of a library, with pools of its own.

    Attributes:
        workspace: the memory of all pools, with 16 bytes around each of them.
        starts: where each pool begins in it, at an address that is a multiple of 16.
        stripes: of the last run, tensors that have some rows of an image alone, with their values.
    """

    def __init__(self, compiled: CompiledModel, library: Path) -> None:
        self.compiled = compiled
        name = f"tvmgen_{compiled.program.options.module_name}_model"
        self._library = ctypes.CDLL(str(library))
        self.model = _Model.in_dll(self._library, name)
        # Poison shows a layer that reads what nothing wrote.
        sizes = [self.model.pools[index].size for index in range(self.model.pool_count)]
        spaces = [-(-size // 16) * 16 + 16 for size in sizes]
        self.workspace = np.full(sum(spaces) + 16, 0xA5, np.uint8)
        base = -self.workspace.ctypes.data % 16
        self.starts = [base + sum(spaces[:index]) for index in range(len(sizes))]
        addresses = [self.workspace.ctypes.data + start for start in self.starts]
        self.pools = (ctypes.c_void_p * len(sizes))(*addresses)
        self.stripes: list[tuple[Tensor, Array]] = []

    def run(self, inputs: Sequence[Array]) -> Mapping[int, Array]:
        """Runs every layer; returns each tensor by its index in the model file.

        Each tensor is read after the layer that wrote it, one that layers write part by part after
        the last of them. It has the channels that were kept.
        """
        program = self.compiled.program
        for index, value in zip(program.inputs, inputs, strict=True):
            self._bytes(index)[:] = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        results = {}
        self.stripes = []
        for layer in program.layers:
            status = self.model.run_layer(layer.index, self.pools)
            assert status == 0, f"layer {layer.index} returned {status}"
            tensor = program.tensors[layer.output].tensor
            if tensor.rows is not None:
                self.stripes.append((tensor, self._values(layer.output)))
            whole = layer.output if tensor.part is None else tensor.part.whole
            placed = program.tensors[whole]
            source = placed.tensor.source_index
            is_whole = placed.tensor.rows is None and placed.alive_from == layer.index
            if is_whole and source is not None:
                results[source] = self._values(whole)
        return results

    def outputs(self) -> list[Array]:
        """The outputs after a run."""
        return [self._values(index) for index in self.compiled.program.outputs]

    def _values(self, index: int) -> Array:
        tensor = self.compiled.program.tensors[index].tensor
        values = self._bytes(index).view(np.dtype(tensor.dtype))
        return values.reshape(tensor.shape).copy()

    def _bytes(self, index: int) -> Array:
        placed = self.compiled.program.tensors[index]
        assert placed.offset is not None
        start = self.starts[placed.pool] + placed.offset
        return self.workspace[start : start + placed.tensor.size_bytes]


def stripe_differences(host: HostModel, reference: Mapping[int, Array]) -> list[str]:
    """Where the stripes of a run differ from the reference, a line a tensor."""
    lines = []
    for tensor, values in host.stripes:
        if tensor.source_index is None or tensor.rows is None:
            continue
        expected = reference[tensor.source_index][:, slice(*tensor.rows)]
        if tensor.channels is not None:
            expected = expected[..., list(tensor.channels)]
        wrong = int((values != expected).sum())
        if wrong:
            lines.append(f"{tensor.name}, rows {tensor.rows}: {wrong} of {expected.size} differ")
    return lines


def differences(
    compiled: CompiledModel, results: Mapping[int, Array], reference: Mapping[int, Array]
) -> list[str]:
    """Where results differ from the reference in a channel that was kept, a line a tensor."""
    lines = []
    for placed in compiled.program.tensors:
        tensor = placed.tensor
        if tensor.source_index not in results:
            continue
        expected = reference[tensor.source_index]
        if tensor.channels is not None:
            expected = expected[..., list(tensor.channels)]
        wrong = int((results[tensor.source_index] != expected).sum())
        if wrong:
            lines.append(f"{tensor.name}: {wrong} of {expected.size} differ")
    return lines

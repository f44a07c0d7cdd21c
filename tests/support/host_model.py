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

    def run(self, inputs: Sequence[Array]) -> Mapping[int, Array]:
        """Runs every layer; returns each tensor by its index in the model file.

        Each tensor is read after the layer that wrote it. It has the channels that were kept.
        """
        program = self.compiled.program
        for index, value in zip(program.inputs, inputs, strict=True):
            self._bytes(index)[:] = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
        results = {}
        for layer in program.layers:
            status = self.model.run_layer(layer.index, self.pools)
            assert status == 0, f"layer {layer.index} returned {status}"
            tensor = program.tensors[layer.output].tensor
            if tensor.source_index is not None:
                values = self._bytes(layer.output).view(np.dtype(tensor.dtype))
                results[tensor.source_index] = values.reshape(tensor.shape).copy()
        return results

    def outputs(self) -> list[Array]:
        """The outputs after a run."""
        program = self.compiled.program
        tensors = [(index, program.tensors[index].tensor) for index in program.outputs]
        return [
            self._bytes(index).view(np.dtype(tensor.dtype)).reshape(tensor.shape).copy()
            for index, tensor in tensors
        ]

    def _bytes(self, index: int) -> Array:
        placed = self.compiled.program.tensors[index]
        assert placed.offset is not None
        start = self.starts[placed.pool] + placed.offset
        return self.workspace[start : start + placed.tensor.size_bytes]


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

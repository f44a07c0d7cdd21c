# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A compiled model run by its C interface, with inputs and outputs outside of its pools."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from microtvm.compiler import CompiledModel
from support.host_model import Array


def run_on_callers_memory(
    compiled: CompiledModel, library: Path, inputs: Sequence[Array]
) -> list[Array]:
    """tvmgen_NAME_run on memory of the caller; the inputs must be left as they are."""
    program = compiled.program
    tensors = [program.tensors[index].tensor for index in program.outputs]
    outputs = [_aligned(np.zeros(tensor.shape, tensor.dtype)) for tensor in tensors]
    given = [_aligned(value) for value in inputs]
    pools = [
        _aligned(np.full(pool.size, 0xA5, np.uint8))
        for pool in program.pools
        if pool.kind == "workspace"
    ]
    run = getattr(ctypes.CDLL(str(library)), f"tvmgen_{program.options.module_name}_run")
    tables = [[array.ctypes.data for array in arrays] for arrays in (given, outputs, pools)]
    assert run(*((ctypes.c_void_p * len(table))(*table) for table in tables)) == 0
    assert all((now == then).all() for now, then in zip(given, inputs, strict=True))
    return outputs


def _aligned(values: Array) -> Array:
    """A copy at a multiple of 16."""
    memory = np.zeros(values.nbytes + 16, np.uint8)
    place = memory[-memory.ctypes.data % 16 :][: values.nbytes].view(values.dtype)
    place[:] = values.reshape(-1)
    return place.reshape(values.shape)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The C kernels as numpy functions, by way of tests/kernels/kernels.c."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "tests" / "kernels" / "kernels.c"
_INCLUDE = _ROOT / "zephyr_app" / "include"
# A trap ends the test run: undefined behaviour cannot go by unseen.
_FLAGS = (
    *("-std=c11", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-shared", "-fPIC"),
    *("-fsanitize=undefined", "-fsanitize-undefined-trap-on-error", "-ffp-contract=off"),
)


class KernelLibrary:
    """The kernels built for this machine."""

    def __init__(self, folder: Path) -> None:
        library = folder / "kernels.so"
        command = ["gcc", *_FLAGS, "-I", _INCLUDE, "-o", library, _SOURCE]
        subprocess.run([str(part) for part in command], check=True, timeout=120)
        self._library = ctypes.CDLL(str(library))

    def call(
        self,
        name: str,
        *arrays: npt.ArrayLike,
        dtype: npt.DTypeLike = np.int32,
        first: npt.DTypeLike = np.int32,
    ) -> npt.NDArray[Any]:
        """Applies a function of arrays of one shape element by element.

        Args:
            arrays: passed as float32 where they are floats, as int32 otherwise.
            dtype: of the result.
            first: of the first array, where it holds integers.
        """
        head, *rest = arrays
        typed = np.broadcast_arrays(_as_argument(head, first), *(_as_argument(a) for a in rest))
        inputs = [np.ascontiguousarray(array) for array in typed]
        result = np.zeros(inputs[0].shape, dtype)
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (*inputs, result)]
        getattr(self._library, name)(ctypes.c_size_t(result.size), *pointers)
        return result


def _as_argument(array: npt.ArrayLike, integers: npt.DTypeLike = np.int32) -> npt.NDArray[Any]:
    values = np.asarray(array)
    return values.astype(np.float32 if values.dtype.kind == "f" else integers)

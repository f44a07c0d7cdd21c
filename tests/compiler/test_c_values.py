# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Values as C text, compiled and read back byte for byte."""

from __future__ import annotations

import ctypes
import subprocess
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from microtvm.compiler.c_values import C_TYPES, c_array

_RANDOM = np.random.default_rng(7)
_FLOATS = (
    *(0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, np.pi, 16777216.0, 16777217.0),
    *(np.inf, -np.inf, np.nan, 3.4028234663852886e38, 1.1754943508222875e-38, 1e-45, -1e-45),
)


def _integers(dtype: str) -> npt.NDArray[Any]:
    limits = np.iinfo(dtype)
    edges = [limits.min, limits.max, 0, 1, limits.min + 1, limits.max - 1]
    random = _RANDOM.integers(limits.min, limits.max, 200, dtype=dtype, endpoint=True)
    return np.concatenate([np.array(edges, dtype), random])


def _bit_patterns(dtype: str, word: str) -> npt.NDArray[Any]:
    """Floats of every kind; what is not a number has the one pattern that C's NAN has."""
    limits = np.iinfo(word)
    bits = _RANDOM.integers(limits.min, limits.max, 400, dtype=word, endpoint=True)
    with np.errstate(over="ignore"):
        values = np.concatenate([np.array(_FLOATS, np.float64).astype(dtype), bits.view(dtype)])
    values[np.isnan(values)] = np.nan
    return values


ARRAYS: dict[str, npt.NDArray[Any]] = {
    **{dtype: _integers(dtype) for dtype in C_TYPES if dtype.lstrip("u").startswith("int")},
    "float32": _bit_patterns("float32", "uint32"),
    "float64": _bit_patterns("float64", "uint64"),
    "bool": np.array([True, False, True]),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Every array of ARRAYS as a C array of its name."""
    folder = tmp_path_factory.mktemp("values")
    lines = ["#include <math.h>", "#include <stdbool.h>", "#include <stdint.h>"]
    for name, data in ARRAYS.items():
        dtype = C_TYPES[str(data.dtype)]
        lines += [f"const {dtype} values_{name}[] = {{", c_array(data), "};"]
    (folder / "values.c").write_text("\n".join([*lines, ""]), encoding="ascii")
    flags = ("-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")
    command = ["gcc", *flags, "-o", str(folder / "values.so"), str(folder / "values.c")]
    subprocess.run(command, check=True, timeout=60)
    return ctypes.CDLL(str(folder / "values.so"))


@pytest.mark.parametrize("name", ARRAYS)
def test_the_compiler_reads_the_same_bytes(library: ctypes.CDLL, name: str) -> None:
    data = ARRAYS[name]
    symbol = (ctypes.c_uint8 * data.nbytes).in_dll(library, f"values_{name}")
    assert bytes(symbol) == data.tobytes()


def test_lines_are_short() -> None:
    text = c_array(np.arange(-1000, 1000, dtype=np.int32))
    assert all(len(line.expandtabs(8)) <= 100 for line in text.splitlines())


def test_order_is_that_of_c() -> None:
    values = np.arange(6, dtype=np.int8).reshape(2, 3)
    assert c_array(values).strip() == "0, 1, 2, 3, 4, 5"
    assert c_array(np.ascontiguousarray(values.T)).strip() == "0, 3, 1, 4, 2, 5"
    assert c_array(values.T).strip() == "0, 3, 1, 4, 2, 5"


def test_integers_are_constants_of_their_own_type() -> None:
    assert c_array(np.array([-(2**31)], np.int32)).strip() == "INT32_MIN"
    assert c_array(np.array([-(2**63)], np.int64)).strip() == "INT64_MIN"
    assert c_array(np.array([-128], np.int8)).strip() == "-128"
    assert c_array(np.array([255], np.uint8)).strip() == "255u"

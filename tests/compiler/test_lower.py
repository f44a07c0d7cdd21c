# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""TIR functions as C: names of parameters, and where local arrays go."""

from __future__ import annotations

import ctypes
import functools
import operator
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tvm import te
from tvm.script import tirx

from microtvm.compiler.c_values import C_TYPES
from microtvm.compiler.lower import MAX_LOCAL_BYTES, LoweredFunction, Parameter, lower

_ARRAY = re.compile(r"^ *\w+ \w+\[\d+\];$", re.MULTILINE)


def _sum_of(names: list[str], dtype: str = "int32") -> LoweredFunction:
    """A function of buffers with these names, which adds them."""
    inputs = [te.placeholder((4,), dtype, name=name) for name in names]
    output = te.compute(
        (4,), lambda i: functools.reduce(operator.add, [data[i] for data in inputs]), name="output"
    )
    return lower(te.create_prim_func([*inputs, output]))


def _with_arrays(first: int, second: int, dtype: str = "int32") -> Any:
    """data[i] + data[-1 - i], repeated, by way of two local arrays that are alive together."""

    @tirx.prim_func(s_tir=True)
    def main(data: tirx.Buffer((first,), dtype), output: tirx.Buffer((second,), dtype)) -> None:
        with tirx.sblock("root"):
            copy = tirx.sblock_alloc_buffer((first,), dtype)
            turned = tirx.sblock_alloc_buffer((second,), dtype)
            for i in range(first):
                with tirx.sblock("copy"):
                    v = tirx.axis.spatial(first, i)
                    copy[v] = data[v]
            for i in range(second):
                with tirx.sblock("turned"):
                    v = tirx.axis.spatial(second, i)
                    turned[v] = copy[first - 1 - v % first]
            for i in range(second):
                with tirx.sblock("output"):
                    v = tirx.axis.spatial(second, i)
                    output[v] = copy[v % first] + turned[v]

    return main


def _run(function: LoweredFunction, values: np.ndarray, count: int, folder: Path) -> np.ndarray:
    """The `count` outputs of a function of one input, compiled for this machine."""
    parameters = ", ".join(f"{C_TYPES[p.dtype]} *{p.name}" for p in function.parameters)
    source = f"#include <stdint.h>\nvoid layer({parameters})\n{{\n{function.body}\n}}\n"
    (folder / "layer.c").write_text(source, encoding="ascii")
    command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1"]
    command += ["-fsanitize=undefined", "-o", str(folder / "layer.so"), str(folder / "layer.c")]
    subprocess.run(command, check=True, timeout=60)
    output = np.zeros(count, values.dtype)
    scratch = np.full(function.scratch_bytes + 64, 0xA5, np.uint8)
    aligned = scratch[-scratch.ctypes.data % 16 :]
    arguments = [values.ctypes.data, output.ctypes.data]
    if function.scratch_bytes:
        arguments.append(aligned.ctypes.data)
    ctypes.CDLL(str(folder / "layer.so")).layer(*map(ctypes.c_void_p, arguments))
    assert (aligned[function.scratch_bytes : function.scratch_bytes + 32] == 0xA5).all()
    return output


def test_parameters_keep_their_names_and_order() -> None:
    function = _sum_of(["first", "second"])
    names = [(parameter.name, parameter.dtype) for parameter in function.parameters]
    assert names == [("first", "int32"), ("second", "int32"), ("output", "int32")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["data", "data"], ["data", "data_1", "output"]),
        (["output", "data"], ["output", "data", "output_1"]),
        (["scratch", "scratch"], ["scratch_1", "scratch_2", "output"]),
        (["a.b", "a-b"], ["a_b", "a_b_1", "output"]),
    ],
)
def test_names_become_different_identifiers(names: list[str], expected: list[str]) -> None:
    function = _sum_of(names)
    assert [parameter.name for parameter in function.parameters] == expected
    for name in expected:
        assert re.search(rf"\b{name}\[", function.body)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "float32"])
def test_types_are_those_of_the_buffers(dtype: str) -> None:
    assert {parameter.dtype for parameter in _sum_of(["data"], dtype).parameters} == {dtype}


@pytest.mark.parametrize(
    ("dtype", "length"), [("int8", 64), ("int16", 32), ("int32", 16), ("int64", 8), ("float32", 16)]
)
def test_arrays_move_to_scratch_above_the_limit(dtype: str, length: int) -> None:
    at_limit = lower(_with_arrays(length, length, dtype))
    above = lower(_with_arrays(length + 1, length + 1, dtype))
    assert (at_limit.scratch_bytes, at_limit.local_bytes) == (0, 2 * MAX_LOCAL_BYTES)
    assert "scratch" not in [parameter.name for parameter in at_limit.parameters]
    item = MAX_LOCAL_BYTES // length
    rounded = -(-(length + 1) * item // 8) * 8
    assert (above.scratch_bytes, above.local_bytes) == (2 * rounded, 0)
    assert above.parameters[-1] == Parameter("scratch", "uint8")
    assert not _ARRAY.search(above.body)


def test_small_and_large_arrays_go_different_ways() -> None:
    function = lower(_with_arrays(3, 100))
    assert (function.scratch_bytes, function.local_bytes) == (400, 12)
    assert len(_ARRAY.findall(function.body)) == 1


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64"])
@pytest.mark.parametrize("sizes", [(5, 5), (3, 100), (65, 65), (101, 67), (67, 201)])
def test_arrays_in_scratch_do_not_touch(sizes: tuple[int, int], dtype: str, tmp_path: Path) -> None:
    function = lower(_with_arrays(*sizes, dtype))
    values = np.arange(sizes[0]).astype(dtype) % 50
    output = _run(function, values, sizes[1], tmp_path)
    np.testing.assert_array_equal(output, np.resize(values + values[::-1], sizes[1]))


def test_the_same_function_gives_the_same_text() -> None:
    assert lower(_with_arrays(20, 20)) == lower(_with_arrays(20, 20))


def test_nothing_of_tvm_is_left_in_the_text() -> None:
    body = lower(_with_arrays(20, 20)).body
    assert not re.search(r"tvm|TVM|DLTensor|#include|void", body)

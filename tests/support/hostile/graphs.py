# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Graphs that are odd as a whole: cycles, names, constants and outputs where none should be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite
from tflite_writer import Options, TFLiteWriter

from support.differential import EQUAL
from support.hostile.case import Case

_CODE = tflite.BuiltinOperator
_SHAPE = (1, 4)
# What a C compiler, a preprocessor, a linker or a terminal might take for its own.
_NAMES = (
    *("", "int", "class", "bool", "INT8_MAX", "__FILE__", "workspace", "WORKSPACE", "_X", "NAN"),
    *('a"b', "a\\b", "a\nb", "*/", "??/", "%s", "\x1b[31m", "\u00e4", "x" * 300, "0", "a b", "a/b"),
)


class Graph:
    """Tensors of one shape; operators that add, or that clamp at zero."""

    def __init__(self) -> None:
        self.writer = TFLiteWriter()

    def tensor(
        self,
        name: str = "t",
        shape: Sequence[int] = _SHAPE,
        dtype: str = "int8",
        data: npt.ArrayLike | bytes | None = None,
    ) -> int:
        scale: Any = 0.05 if dtype == "int8" else ()
        return self.writer.add_tensor(name, shape, dtype, scale=scale, data=data)

    def relu(self, source: int, output: int) -> None:
        self.operator(_CODE.RELU, [source], [output])

    def add(self, first: int, second: int, output: int) -> None:
        self.operator(_CODE.ADD, [first, second], [output], Options("AddOptions"))

    def operator(
        self,
        code: int,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: Options | None = None,
    ) -> None:
        self.writer.add_operator(code, inputs, outputs, options, version=2)

    def case(self, name: str, inputs: Sequence[int], outputs: Sequence[int], answer: str) -> Case:
        return Case(name, self.writer.finish(inputs, outputs), answer)


def cases() -> Iterator[Case]:
    yield from _names()
    yield from _order()
    yield from _inputs()
    yield from _outputs()
    yield from _unused()
    yield from _shapes()
    yield from _constants()
    yield from _indices()
    yield from _sizes()


def _names() -> Iterator[Case]:
    for name in _NAMES:
        graph = Graph()
        tensors = [graph.tensor(name) for _ in range(4)]
        graph.add(tensors[0], tensors[1], tensors[2])
        graph.relu(tensors[2], tensors[3])
        outputs = [tensors[3], tensors[2]]
        yield graph.case(f"all named {name!r}", tensors[:2], outputs, EQUAL)


def _order() -> Iterator[Case]:
    graph = Graph()
    source, first, second = (graph.tensor() for _ in range(3))
    graph.add(source, second, first)
    graph.relu(first, second)
    yield graph.case("a cycle", [source], [second], "before anything wrote it")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.add(source, result, result)
    yield graph.case("an operator that reads its output", [source], [result], "before anything")
    graph = Graph()
    source, first, second = (graph.tensor() for _ in range(3))
    graph.relu(first, second)
    graph.relu(source, first)
    yield graph.case("operators out of order", [source], [second], "before anything wrote it")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.relu(source, result)
    graph.relu(source, result)
    yield graph.case("a tensor written twice", [source], [result], "two operators write")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.relu(source, result)
    graph.relu(result, source)
    yield graph.case("an operator that writes an input", [source], [source], "two operators")


def _inputs() -> Iterator[Case]:
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.add(source, source, result)
    yield graph.case("an input twice", [source, source], [result], "listed twice or constant")
    yield graph.case("no inputs", [], [result], "before anything wrote it")
    graph = Graph()
    number, result = graph.tensor(data=np.ones(4)), graph.tensor()
    graph.relu(number, result)
    yield graph.case("a constant input", [number], [result], "listed twice or constant")
    for dtype in ("bool", "uint8", "int32", "int64", "float16", "float64"):
        graph = Graph()
        source, other, result = graph.tensor(), graph.tensor(dtype=dtype), graph.tensor()
        graph.relu(source, result)
        answer = "is not int8, int16 or float32"
        yield graph.case(f"an unread {dtype} input", [source, other], [result], answer)


def _outputs() -> Iterator[Case]:
    graph = Graph()
    source, result, number = graph.tensor(), graph.tensor(), graph.tensor(data=np.ones(4))
    graph.relu(source, result)
    yield graph.case("an input as output", [source], [result, source], EQUAL)
    yield graph.case("only an input as output", [source], [source], EQUAL)
    yield graph.case("an output twice", [source], [result, result], EQUAL)
    yield graph.case("a constant output", [source], [number], "no operator writes the output")
    yield graph.case("no outputs", [source], [], "the graph computes nothing")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    yield graph.case("no operators", [source], [source], "the graph computes nothing")
    yield graph.case("an output of nobody", [source], [result], "no operator writes the output")


def _unused() -> Iterator[Case]:
    graph = Graph()
    tensors = [graph.tensor() for _ in range(5)]
    graph.tensor("odd", (3, 1), "float64")
    graph.relu(tensors[0], tensors[2])
    graph.relu(tensors[2], tensors[3])
    yield graph.case("unused tensors and inputs", tensors[:2], [tensors[2]], EQUAL)


def _shapes() -> Iterator[Case]:
    for shape, answer in (
        ((0, 4), "unknown or empty"),
        ((-1, 4), "unknown or empty"),
        ((2**31 - 1, 4), "is larger than 67108864 bytes"),
        ((2**31 - 1,) * 6, "is larger than 67108864 bytes"),
        ((1,) * 7, "of rank 7"),
        ((), EQUAL),
        ((1,) * 6, EQUAL),
    ):
        graph = Graph()
        source, result = graph.tensor(shape=shape), graph.tensor(shape=shape)
        graph.relu(source, result)
        yield graph.case(f"tensors of shape {shape}", [source], [result], answer)


def _constants() -> Iterator[Case]:
    for size in (1, 3, 5, 400):
        graph = Graph()
        source, result = graph.tensor(), graph.tensor()
        number = graph.tensor(data=bytes(size))
        graph.add(source, number, result)
        answer = f"has {size} bytes where its shape needs 4"
        yield graph.case(f"a constant of {size} bytes", [source], [result], answer)
    graph = Graph()
    source, result, number = graph.tensor(), graph.tensor(), graph.tensor(data=b"")
    graph.add(source, number, result)
    yield graph.case("a constant of no bytes", [source], [result], "before anything wrote it")
    for shape in ((-4,), (2**31 - 1,) * 6):
        graph = Graph()
        source, result = graph.tensor(), graph.tensor()
        number = graph.tensor(shape=shape, data=bytes(4))
        graph.add(source, number, result)
        answer = r"of shape \(-4,\)|where its shape needs"
        yield graph.case(f"a constant of shape {shape}", [source], [result], answer)


def _indices() -> Iterator[Case]:
    for index in (-2, 2, 2**31 - 1, -(2**31)):
        graph = Graph()
        source, result = graph.tensor(), graph.tensor()
        graph.relu(source, result)
        yield graph.case(f"output {index}", [source], [index], f"tensor {index} of 2")
        yield graph.case(f"input {index}", [index], [result], f"tensor {index} of 2")
        graph.relu(index, result)
        yield graph.case(f"operand {index}", [source], [result], f"tensor {index} of 2")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.operator(_CODE.RELU, [source], [])
    yield graph.case("an operator without outputs", [source], [source], "0 outputs")
    graph = Graph()
    source, *results = (graph.tensor() for _ in range(3))
    graph.operator(_CODE.RELU, [source], results)
    yield graph.case("an operator of two outputs", [source], results, "2 outputs")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.operator(_CODE.RELU, [-1], [result])
    yield graph.case("an operand left out", [source], [result], "input 0 is left out")


def _sizes() -> Iterator[Case]:
    yield _chain(40, EQUAL)
    yield _chain(3000, "3000 operators, where 2048 are supported")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.relu(source, result)
    for _ in range(9000):
        graph.tensor("")
    yield graph.case("many tensors", [source], [result], "9002 tensors, where 8192 are supported")
    graph = Graph()
    source, result = graph.tensor(), graph.tensor()
    graph.operator(_CODE.RELU, [source] * 2000, [result])
    yield graph.case("many operands", [source], [result], "2000 inputs or outputs")


def _chain(length: int, answer: str) -> Case:
    graph = Graph()
    tensors = [graph.tensor() for _ in range(length + 1)]
    for source, result in itertools.pairwise(tensors):
        graph.relu(source, result)
    return graph.case(f"a chain of {length}", tensors[:1], tensors[-1:], answer)

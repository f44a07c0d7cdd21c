# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Models of any kind, compiled and run here, against LiteRT: equal, refused, or a fault.

Each side runs in child processes of its own, since a model made to harm can end either.
"""

from __future__ import annotations

import re
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.compiler import compile_model
from microtvm.compiler.program import Program
from microtvm.errors import ModelError
from microtvm.validate.reference import ReferenceModel
from support.host_model import HostModel, build_library
from support.isolated import Died, map_isolated

Array = npt.NDArray[Any]
_BATCHES = 3
_FLOAT_TOLERANCE = 1e-5

EQUAL = "equal"
# LiteRT refuses the model, or does not survive it.
ALONE = "compiled, without a reference"


@dataclass(frozen=True, eq=False)
class Run:
    """Inputs, and for each of them the tensors by their index in the file and the outputs.

    Attributes:
        kept: for tensors that have lost channels, the indices of those that are left.
    """

    inputs: list[list[Array]]
    tensors: list[Mapping[int, Array]]
    outputs: list[list[Array]]
    kept: Mapping[int, list[int]]


def verdicts(models: Sequence[bytes]) -> list[str]:
    """For each model EQUAL, ALONE, "refused: ..." or what is wrong."""
    runs = map_isolated(compile_and_run, models)
    done = [number for number, run in enumerate(runs) if isinstance(run, Run)]
    references = map_isolated(run_reference, [(models[n], runs[n].inputs) for n in done])
    expected = dict(zip(done, references, strict=True))
    return [
        _compare(run, expected[number]) if isinstance(run, Run) else str(run)
        for number, run in enumerate(runs)
    ]


def disagreements(cases: Sequence[tuple[str, bytes, str]]) -> dict[str, tuple[str, str]]:
    """Of (name, model, answer) those whose verdict is another, with the answer and the verdict.

    An answer is EQUAL, ALONE or a pattern of the error that refuses the model.
    """
    found = verdicts([model for _, model, _ in cases])
    return {
        name: (answer, verdict)
        for (name, _, answer), verdict in zip(cases, found, strict=True)
        if not _agrees(verdict, answer)
    }


def _agrees(verdict: str, answer: str) -> bool:
    if answer in (EQUAL, ALONE):
        return verdict.startswith(answer)
    return verdict.startswith("refused: ") and re.search(answer, verdict) is not None


def compile_and_run(model: bytes) -> Run | str:
    """What the compiled model gives on random inputs, or why the compiler refuses it."""
    try:
        compiled = compile_model(model)
    except ModelError as error:
        return f"refused: {error}"
    with tempfile.TemporaryDirectory(prefix="microtvm-") as folder:
        host = HostModel(compiled, build_library([compiled], Path(folder), ("-O0",)))
        program = compiled.program
        tensors = [program.tensors[index].tensor for index in program.inputs]
        random = np.random.default_rng(zlib.crc32(model))
        run = Run([], [], [], _kept(program))
        for _ in range(_BATCHES):
            run.inputs.append([_random(random, tensor.shape, tensor.dtype) for tensor in tensors])
            run.tensors.append(dict(host.run(run.inputs[-1])))
            run.outputs.append(host.outputs())
        return run


def _kept(program: Program) -> Mapping[int, list[int]]:
    tensors = [placed.tensor for placed in program.tensors]
    return {
        tensor.source_index: list(tensor.channels)
        for tensor in tensors
        if tensor.source_index is not None and tensor.channels is not None
    }


def run_reference(case: tuple[bytes, list[list[Array]]]) -> Run | str:
    """What LiteRT gives on the same inputs, or why it refuses the model."""
    model, inputs = case
    try:
        reference = ReferenceModel(model)
        tensors = [reference.run(batch) for batch in inputs]
    except ModelError as error:
        return f"{ALONE}: {error}"
    outputs = [[batch[detail.index] for detail in reference.outputs] for batch in tensors]
    return Run(inputs, [dict(batch) for batch in tensors], outputs, {})


def _random(random: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    if dtype in ("int8", "int16"):
        kind = np.dtype(dtype)
        limits = np.iinfo(kind)
        return random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    return random.normal(0.0, 2.0, shape).astype(np.dtype(dtype))


def _compare(run: Run, expected: Run | str | Died) -> str:
    if isinstance(expected, Died):
        return f"{ALONE}: {expected}"
    if isinstance(expected, str):
        return expected
    for own, other in zip(run.outputs, expected.outputs, strict=True):
        if len(own) != len(other) or not all(map(_same, own, other)):
            return f"differs: outputs {own} where LiteRT has {other}"
    for tensors, others in zip(run.tensors, expected.tensors, strict=True):
        for index in sorted(tensors.keys() & others.keys()):
            other = others[index]
            if index in run.kept:
                other = other[..., run.kept[index]]
            if not _same(tensors[index], other):
                return f"differs: tensor {index}"
    return EQUAL


def _same(own: Array, other: Array) -> bool:
    if own.shape != other.shape or own.dtype != other.dtype:
        return False
    if own.dtype.kind != "f":
        return bool(np.array_equal(own, other))
    return bool(np.allclose(own, other, _FLOAT_TOLERANCE, _FLOAT_TOLERANCE, equal_nan=True))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a model computes on its board what LiteRT's reference kernels do, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from microtvm.session import ModelMetadata, Session, TensorInfo
from microtvm.validate import run_isolated

Array = npt.NDArray[Any]
_SEED = 20
_RANDOM_INPUTS = 3
_FLOAT_SPREAD = 2.0


def exact_layers(model: bytes, session: Session) -> Mapping[int, bool | None]:
    """Runs a model that was made from the .tflite file `model`. Tells for each layer whether
    all of its outputs equal the reference, bit for bit.

    None stands for a layer whose outputs the reference does not have. Inputs: some at random, all
    at the lowest and all at the highest value.
    """
    exact: dict[int, bool | None] = {layer.index: None for layer in session.model.layers}
    for reference in run_isolated(model, list(make_inputs(session.model))):
        for row in session.validate(reference):
            if row.mismatches is not None:
                before = exact[row.layer.index] is not False
                exact[row.layer.index] = before and row.mismatches == 0
    return exact


def make_inputs(metadata: ModelMetadata) -> Iterator[list[Array]]:
    """The inputs that every model is given, the same ones each time."""
    generator = np.random.default_rng(_SEED)
    tensors = [metadata.tensors[index] for index in metadata.inputs]
    for _ in range(_RANDOM_INPUTS):
        yield [_random(generator, tensor) for tensor in tensors]
    for end in ("min", "max"):
        yield [_extreme(tensor, end) for tensor in tensors]


def _random(generator: np.random.Generator, tensor: TensorInfo) -> Array:
    dtype = np.dtype(tensor.dtype)
    if dtype.kind == "f":
        return generator.normal(0.0, _FLOAT_SPREAD, tensor.shape).astype(dtype)
    if dtype.kind == "b":
        return generator.integers(0, 2, tensor.shape).astype(dtype)
    limits = np.iinfo(dtype)
    return generator.integers(limits.min, limits.max, tensor.shape, dtype, endpoint=True)


def _extreme(tensor: TensorInfo, end: str) -> Array:
    dtype = np.dtype(tensor.dtype)
    if dtype.kind in "fb":
        return np.full(tensor.shape, -1 if end == "min" else 1).astype(dtype)
    return np.full(tensor.shape, getattr(np.iinfo(dtype), end), dtype)

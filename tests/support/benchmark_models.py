# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The models that end-to-end tests run: our own, and MLPerf Tiny's where they are present.

MLPerf Tiny's are looked for in the folder MICROTVM_MODELS, or in shared/models beside the checkout.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

_ROOT = Path(__file__).resolve().parents[2]
_OWN = _ROOT / "tests" / "models" / "digits_int8.tflite"


def model_files() -> list[Path]:
    """Our own model, then the others by name."""
    folder = Path(os.environ.get("MICROTVM_MODELS", _ROOT.parent / "shared" / "models"))
    return [_OWN, *sorted(folder.glob("*.tflite"))]


def require_model(name: str) -> Path:
    """One of them, by its name without .tflite; skips the test where it is not present."""
    paths = {path.stem: path for path in model_files()}
    if name not in paths:
        pytest.skip(f"no {name}.tflite in MICROTVM_MODELS, nor in shared/models by the checkout")
    return paths[name]


@dataclass(frozen=True)
class Case:
    """Inputs for one inference, with a name for a failure's message."""

    name: str
    inputs: list[npt.NDArray[Any]]


def cases(shapes: list[tuple[int, ...]], zero_points: list[int], seed: int = 0) -> Iterator[Case]:
    """Ten random int8 inputs, all -128, all 127, and all zero point."""
    random = np.random.default_rng(seed)
    for number in range(10):
        values = [random.integers(-128, 128, shape).astype(np.int8) for shape in shapes]
        yield Case(f"random {number}", values)
    for value in (-128, 127):
        yield Case(f"all {value}", [np.full(shape, value, np.int8) for shape in shapes])
    points = zip(shapes, zero_points, strict=True)
    yield Case("all zero point", [np.full(shape, point, np.int8) for shape, point in points])

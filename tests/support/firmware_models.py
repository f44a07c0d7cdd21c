# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What the hand-written models of the firmware tests compute, in numpy."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

BIG_COUNT = 4096
SPLIT_COUNT = 1024


def stub_hidden(values: Array) -> Array:
    return np.maximum(values, 0)


def stub_output(values: Array) -> Array:
    hidden = stub_hidden(values).astype(np.int32)
    return np.minimum(hidden + hidden[:, ::-1], 127).astype(np.int8)


def big_inputs(seed: int) -> tuple[Array, Array]:
    draw = np.random.default_rng(seed)
    values = draw.integers(-(2**31), 2**31, (1, BIG_COUNT), np.int32)
    return values, draw.integers(-1000, 1000, (1,), np.int32)


def big_sums(values: Array, kept: Array) -> Array:
    with np.errstate(over="ignore"):
        return values + kept


def big_outputs(values: Array, kept: Array) -> Array:
    return big_sums(values, kept).astype(np.float32) * np.float32(0.5)


def split_input(seed: int) -> Array:
    return np.random.default_rng(seed).integers(-128, 128, (1, SPLIT_COUNT), np.int8)


def split_sums(values: Array) -> Array:
    weights = np.arange(1, 17, dtype=np.int32) * np.array([1, -1] * 8, np.int32)
    return values.astype(np.int32) * np.resize(weights, values.shape)


def split_output(values: Array) -> Array:
    bias = np.resize(np.array([100, -200, 300, -400], np.int32), values.shape)
    shift = np.resize(np.array([4, 5, 6, 7], np.int32), values.shape)
    return np.clip((split_sums(values) + bias) >> shift, -128, 127).astype(np.int8)


def pattern_bytes(count: int, state: int = 1) -> tuple[bytes, int]:
    """The built-in input of the standalone program, and the generator's next state."""
    result = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % (1 << 32)
        result.append(state >> 24)
    return bytes(result), state


def standalone_outputs() -> list[str]:
    """The lines that the standalone program prints of the outputs of all models."""
    values, state = pattern_bytes(4 * BIG_COUNT)
    kept, _ = pattern_bytes(4, state)
    halves = big_outputs(np.frombuffer(values, "<i4").reshape(1, -1), np.frombuffer(kept, "<i4"))
    stub = stub_output(np.frombuffer(pattern_bytes(8)[0], np.int8).reshape(1, 8))
    return [
        _output_line("halves", halves, [f"0x{bits:08x}" for bits in halves.view("<u4")[0, :10]]),
        _output_line("seven", np.array([7], np.uint8), ["7"]),
        _output_line("output", stub, [str(value) for value in stub[0]]),
    ]


def _output_line(name: str, values: Array, shown: list[str]) -> str:
    crc = zlib.crc32(values.tobytes())
    return f"output {name} crc32 0x{crc:08x} first {' '.join(shown)}"

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The DSP instructions: the cores, and the portable C, do what Arm's manual says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.kernel_programs import CORES, run_on_board, run_on_host

_SOURCE = "simd.c"
_EDGES = [0, 1, 127, 128, 255, 0x7FFF, 0x8000, 0x80008000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def _words() -> list[tuple[int, int, int]]:
    draw = np.random.default_rng(1)
    random = draw.integers(0, 2**32, (100, 3)).tolist()
    small = (draw.integers(-300, 300, (50, 3)) & 0xFFFFFFFF).tolist()
    edges = [(a, b, 0x7FFFFFFF) for a in _EDGES for b in _EDGES]
    return [(a, b, c) for a, b, c in (*random, *small, *edges)]


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _halves(word: int) -> tuple[int, int]:
    return _signed(word, 16), _signed(word >> 16, 16)


def _pair(low: int, high: int) -> int:
    return _signed((low & 0xFFFF) | (high & 0xFFFF) << 16, 32)


def _expected(a: int, b: int, c: int) -> list[int]:
    a_halves, b_halves = _halves(a), _halves(b)
    even, odd = ([_signed(b >> shift + at, 8) for at in (0, 16)] for shift in (0, 8))
    product = _signed(a, 32) * _signed(b, 32)
    dual = a_halves[0] * b_halves[0] + a_halves[1] * b_halves[1]
    long_sum = (a << 32 | c) + dual
    return [
        _pair(a, b),
        _pair(_signed(a, 8), _signed(a >> 16, 8)),
        _pair(_signed(a >> 8, 8), _signed(a >> 24, 8)),
        _pair(a_halves[0] + even[0], a_halves[1] + even[1]),
        _pair(a_halves[0] + odd[0], a_halves[1] + odd[1]),
        _signed(c + dual, 32),
        _signed(c + (product >> 32), 32),
        _signed(c + (product + 2**31 >> 32), 32),
        _signed(product + 2**31 >> 32, 32),
        _signed(long_sum, 32),
        _signed(long_sum >> 32, 32),
        max(-128, min(127, _signed(a, 32))),
        max(-(2**15), min(2**15 - 1, _signed(a, 32))),
    ]


def _file(words: list[tuple[int, int, int]]) -> bytes:
    rows = [(1, *row) for row in words]
    return np.array(rows, "<u4").tobytes() + bytes(4)


def _numbers(printed: str) -> list[list[int]]:
    lines = [line for line in printed.splitlines() if "warning" not in line]
    return [[int(number) for number in line.split()] for line in lines]


def test_portable_functions(tmp_path: Path) -> None:
    words = _words()
    printed = run_on_host(tmp_path, _SOURCE, _file(words))
    assert _numbers(printed) == [_expected(*row) for row in words]


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_instructions(tmp_path: Path, board: str) -> None:
    words = _words()
    printed = run_on_board(tmp_path, _SOURCE, _file(words), board)
    assert _numbers(printed) == [_expected(*row) for row in words]

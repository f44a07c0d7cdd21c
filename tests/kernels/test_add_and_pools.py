# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The kernels of sums and pools against numpy: on this host under sanitizers, and on both cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.add_cases import add_case
from support.channelwise_cases import (
    AVERAGE_POOL,
    MAX_POOL,
    Case,
    check_printed,
    encode_cases,
)
from support.kernel_programs import CORES, run_on_board, run_on_host
from support.pool_cases import pool_case

from microtvm.compiler.operators import Window

_SOURCE = "channelwise.c"
_STACK_LIMIT = 512
_EACH = 200


def _draw_pool(draw: np.random.Generator, operation: int, index: int) -> Case:
    channels = int(draw.integers(1, 14))
    if index % 5 == 0:
        # Over the whole image, more elements than 16 bits can add up in some.
        size = (int(draw.integers(1, 24)), int(draw.integers(1, 24)))
        return pool_case(draw, operation, (*size, channels), Window(size))
    size = (int(draw.integers(1, 6)), int(draw.integers(1, 6)))
    strides = (int(draw.integers(1, 4)), int(draw.integers(1, 4)))
    # Less than the window, which would lie outside otherwise.
    padding = [int(draw.integers(0, size[i % 2])) for i in range(4)]
    image = (size[0] + int(draw.integers(0, 8)), size[1] + int(draw.integers(0, 8)), channels)
    window = Window(size, strides, (1, 1), (padding[0], padding[1], padding[2], padding[3]))
    return pool_case(draw, operation, image, window)


def _cases(seed: int) -> bytes:
    draw = np.random.default_rng(seed)
    cases = [
        add_case(draw, int(draw.integers(1, 150)), bool(draw.integers(2)), index % 4 == 0)
        for index in range(_EACH)
    ]
    for operation in (AVERAGE_POOL, MAX_POOL):
        cases += [_draw_pool(draw, operation, index) for index in range(_EACH)]
    return encode_cases(cases)


def test_the_portable_form_is_exact(tmp_path: Path) -> None:
    check_printed(run_on_host(tmp_path, _SOURCE, _cases(1)), 3 * _EACH)


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_the_cores_form_is_exact(tmp_path: Path, board: str) -> None:
    stack = check_printed(run_on_board(tmp_path, _SOURCE, _cases(1), board), 3 * _EACH)
    assert 0 < stack <= _STACK_LIMIT


@pytest.mark.arm
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path) -> None:
    printed = run_on_board(tmp_path, _SOURCE, _cases(2), "mps2-an386", "-DMICROTVM_NO_DSP")
    check_printed(printed, 3 * _EACH)

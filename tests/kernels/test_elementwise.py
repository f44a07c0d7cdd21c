# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The kernels of operators without weights against numpy: on this host under sanitizers, and on
both cores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.binary_cases import add_case, multiply_case
from support.channelwise_cases import Case, check_printed, encode_cases
from support.elementwise_cases import Operation
from support.kernel_programs import CORES, run_on_board, run_on_host
from support.kernel_stack import kernel_bound
from support.pool_cases import pool_case
from support.row_cases import (
    concatenate_case,
    copy_case,
    look_up_case,
    mean_case,
    pad_case,
    softmax_case,
)

from microtvm.compiler.operators import Window

_SOURCE = "elementwise.c"
_STACK_LIMIT = 512
_EACH = 240
Draw = Callable[[np.random.Generator, int], Case]


def _pool(operation: Operation) -> Draw:
    def draw_case(draw: np.random.Generator, index: int) -> Case:
        images, channels = int(draw.integers(1, 3)), int(draw.integers(1, 14))
        if index % 3 == 0:
            channels = 4 * int(draw.integers(1, 6))
        if index % 5 == 0:
            # Over the whole image, more elements than 16 bits can add up in some.
            size = (int(draw.integers(1, 24)), int(draw.integers(1, 24)))
            return pool_case(draw, operation, (images, *size, channels), Window(size))
        size = (int(draw.integers(1, 6)), int(draw.integers(1, 6)))
        strides = (int(draw.integers(1, 4)), int(draw.integers(1, 4)))
        # Less than the window, which would lie outside otherwise.
        padding = [int(draw.integers(0, size[i % 2])) for i in range(4)]
        height, width = (length + int(draw.integers(0, 8)) for length in size)
        window = Window(size, strides, (1, 1), (padding[0], padding[1], padding[2], padding[3]))
        return pool_case(draw, operation, (images, height, width, channels), window)

    return draw_case


_OPERATIONS: dict[Operation, Draw] = {
    Operation.ADD: add_case,
    Operation.MULTIPLY: multiply_case,
    Operation.AVERAGE_POOL: _pool(Operation.AVERAGE_POOL),
    Operation.MAX_POOL: _pool(Operation.MAX_POOL),
    Operation.AVERAGE_POOL_ROWS: _pool(Operation.AVERAGE_POOL_ROWS),
    Operation.MAX_POOL_ROWS: _pool(Operation.MAX_POOL_ROWS),
    Operation.MEAN: mean_case,
    Operation.LOOK_UP: look_up_case,
    Operation.COPY: copy_case,
    Operation.CONCATENATE: concatenate_case,
    Operation.PAD: pad_case,
    Operation.SOFTMAX: softmax_case,
}


def _cases(seed: int, count: int = _EACH) -> list[Case]:
    draw = np.random.default_rng(seed)
    return [draw_case(draw, index) for draw_case in _OPERATIONS.values() for index in range(count)]


def test_the_portable_form_is_exact(tmp_path: Path) -> None:
    cases = _cases(1)
    check_printed(run_on_host(tmp_path, _SOURCE, encode_cases(cases)), len(cases))


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_the_cores_form_is_exact(tmp_path: Path, board: str) -> None:
    cases = _cases(1)
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), board)
    assert 0 < check_printed(printed, len(cases)) <= kernel_bound(tmp_path) <= _STACK_LIMIT


@pytest.mark.arm
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path) -> None:
    cases = _cases(2, _EACH // 4)
    encoded = encode_cases(cases)
    printed = run_on_board(tmp_path, _SOURCE, encoded, "mps2-an386", "-DMICROTVM_NO_DSP")
    check_printed(printed, len(cases))


def test_every_function_is_among_the_cases() -> None:
    forms = {(case.operation, case.form) for case in _cases(1)}
    assert {form for operation, form in forms if operation == Operation.ADD} == set(range(6))
    assert {form for operation, form in forms if operation == Operation.MULTIPLY} == set(range(4))


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_the_program_tells_what_is_wrong(tmp_path: Path, operation: Operation) -> None:
    case = _OPERATIONS[operation](np.random.default_rng(3), 1)
    wrong = case.expected.copy()
    wrong.flat[-1] ^= 1
    encoded = encode_cases([replace(case, expected=wrong)])
    with pytest.raises(AssertionError, match=rf"case 0, output {wrong.size - 1}: "):
        run_on_host(tmp_path, _SOURCE, encoded)

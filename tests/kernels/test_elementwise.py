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
from support.pool_cases import draw_pool, pool_case
from support.row_cases import (
    concatenate_case,
    copy_case,
    look_up_case,
    mean_case,
    pad_case,
    softmax_case,
)

_SOURCE = "elementwise.c"
_STACK_LIMIT = 512
_EACH = 240
Draw = Callable[[np.random.Generator, int], Case]


def _pool(operation: Operation) -> Draw:
    def draw_case(draw: np.random.Generator, index: int) -> Case:
        return pool_case(draw, operation, *draw_pool(draw, index))

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

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sums and pools of int16 against numpy: on this host under sanitizers, and on the cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.channelwise_cases import Case, check_printed, encode_cases
from support.elementwise_int16_cases import (
    add_int16_case,
    average_pool_int16_case,
    max_pool_int16_case,
)
from support.kernel_programs import CORES, CORES_WITHOUT_DSP, run_on_board, run_on_host

_SOURCE = "channelwise_s16.c"
_STACK_LIMIT = 512
_EACH = 240
_OPERATIONS = (add_int16_case, average_pool_int16_case, max_pool_int16_case)


def _cases(seed: int, count: int = _EACH) -> list[Case]:
    draw = np.random.default_rng(seed)
    return [draw_case(draw, index) for draw_case in _OPERATIONS for index in range(count)]


def test_both_forms_of_sums_and_differences_are_among_the_cases() -> None:
    forms = [case.form for case in _cases(1)[:_EACH]]
    assert all(forms.count(form) > 20 for form in range(4))


def test_the_portable_form_is_exact(tmp_path: Path) -> None:
    cases = _cases(1)
    check_printed(run_on_host(tmp_path, _SOURCE, encode_cases(cases)), len(cases))


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_the_cores_form_is_exact(tmp_path: Path, board: str) -> None:
    cases = _cases(1)
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), board)
    assert 0 < check_printed(printed, len(cases)) <= _STACK_LIMIT


@pytest.mark.arm
@pytest.mark.parametrize("core", CORES_WITHOUT_DSP)
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path, core: str) -> None:
    cases = _cases(2, _EACH // 4)
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), *CORES_WITHOUT_DSP[core])
    check_printed(printed, len(cases))

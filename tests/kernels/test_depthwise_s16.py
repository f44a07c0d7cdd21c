# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The depthwise kernels of int16 against numpy: on this host under sanitizers, on both cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.channelwise_cases import Case, check_printed, encode_cases
from support.depthwise_cases import draw_depthwise
from support.depthwise_int16_cases import DEPTHWISE_FORMS, depthwise_int16_case
from support.int16_cases import draw_int16_layer, is_varied
from support.kernel_programs import CORES, CORES_WITHOUT_DSP, run_on_board, run_on_host
from support.kernel_stack import kernel_bound

_SOURCE = "channelwise_s16.c"
_STACK_LIMIT = 512


def _cases(seed: int, count: int) -> list[Case]:
    draw = np.random.default_rng(seed)
    cases = []
    for _ in range(count):
        rescale = str(draw.choice(["reduced", "reduced", "reduced", "twice"]))
        cases.append(
            depthwise_int16_case(draw, draw_depthwise(draw), draw_int16_layer(draw, rescale))
        )
    return cases


def test_every_form_is_among_the_cases() -> None:
    cases = _cases(1, 400)
    assert {case.form for case in cases} == set(range(len(DEPTHWISE_FORMS)))
    assert sum(is_varied(case.expected) for case in cases) > 200


def test_the_portable_form_is_exact(tmp_path: Path) -> None:
    check_printed(run_on_host(tmp_path, _SOURCE, encode_cases(_cases(1, 400))), 400)


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_the_cores_form_is_exact(tmp_path: Path, board: str) -> None:
    cases = encode_cases(_cases(1, 400))
    stack = check_printed(run_on_board(tmp_path, _SOURCE, cases, board), 400)
    assert 0 < stack <= kernel_bound(tmp_path) <= _STACK_LIMIT


@pytest.mark.arm
@pytest.mark.parametrize("core", CORES_WITHOUT_DSP)
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path, core: str) -> None:
    cases = encode_cases(_cases(2, 100))
    check_printed(run_on_board(tmp_path, _SOURCE, cases, *CORES_WITHOUT_DSP[core]), 100)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The depthwise kernels against numpy: on this host under sanitizers, and on both cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.channelwise_cases import check_printed, encode_cases
from support.depthwise_cases import depthwise_case, draw_depthwise
from support.kernel_programs import CORES, CORES_WITHOUT_DSP, run_on_board, run_on_host
from support.kernel_stack import kernel_bound

_SOURCE = "channelwise.c"
_STACK_LIMIT = 512


def _cases(seed: int, count: int) -> bytes:
    draw = np.random.default_rng(seed)
    return encode_cases(depthwise_case(draw, draw_depthwise(draw)) for _ in range(count))


def test_there_are_many_shapes() -> None:
    draw = np.random.default_rng(1)
    layers = [draw_depthwise(draw) for _ in range(400)]
    assert len({(layer.image, layer.channels, layer.window) for layer in layers}) >= 200
    sizes = {layer.window.size for layer in layers}
    assert {(3, 3), (5, 5), (10, 1), (1, 7)} <= sizes
    assert {layer.multiplier for layer in layers} == {1, 2, 3}


def test_the_portable_form_is_exact(tmp_path: Path) -> None:
    check_printed(run_on_host(tmp_path, _SOURCE, _cases(1, 400)), 400)


@pytest.mark.arm
@pytest.mark.parametrize("board", CORES)
def test_the_cores_form_is_exact(tmp_path: Path, board: str) -> None:
    stack = check_printed(run_on_board(tmp_path, _SOURCE, _cases(1, 400), board), 400)
    assert 0 < stack <= kernel_bound(tmp_path) <= _STACK_LIMIT


@pytest.mark.arm
@pytest.mark.parametrize("core", CORES_WITHOUT_DSP)
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path, core: str) -> None:
    cases = _cases(2, 100)
    check_printed(run_on_board(tmp_path, _SOURCE, cases, *CORES_WITHOUT_DSP[core]), 100)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The depthwise kernels against numpy: on this host under sanitizers, and on both cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.channelwise_cases import check_printed, encode_cases
from support.depthwise_cases import Layer, depthwise_case
from support.kernel_programs import CORES, CORES_WITHOUT_DSP, run_on_board, run_on_host

from microtvm.compiler.operators import Window

_SOURCE = "channelwise.c"
_STACK_LIMIT = 512


def _draw_window(draw: np.random.Generator, kind: int) -> Window:
    if kind < 2:
        stride = kind + 1
        padding = tuple(int(n) for n in draw.integers(0, 3, 4))
        return Window((3, 3), (stride, stride), (1, 1), (*padding,))
    sizes = ((5, 5), (int(draw.integers(1, 11)), 1), (1, int(draw.integers(1, 8))), (2, 3))
    size = sizes[int(draw.integers(4))] if kind == 2 else tuple(draw.integers(1, 6, 2).tolist())
    strides = tuple(draw.integers(1, 4, 2).tolist()) if draw.integers(2) else (1, 1)
    dilation = tuple(draw.integers(1, 4, 2).tolist()) if draw.integers(3) == 0 else (1, 1)
    padding = tuple(int(n) for n in draw.integers(0, 4, 4))
    return Window(size, strides, dilation, padding)


def _draw_image(draw: np.random.Generator, window: Window) -> tuple[int, int]:
    """Of any size that gives one output at least."""
    top, left, bottom, right = window.padding
    reach = [(size - 1) * step + 1 for size, step in zip(window.size, window.dilation, strict=True)]
    least = (max(1, reach[0] - top - bottom), max(1, reach[1] - left - right))
    width = 0 if window.size[1] == 1 and draw.integers(2) else int(draw.integers(0, 12))
    return least[0] + int(draw.integers(0, 12)), least[1] + width


def _draw_layer(draw: np.random.Generator) -> Layer:
    window = _draw_window(draw, int(draw.integers(4)))
    return Layer(
        image=_draw_image(draw, window),
        channels=int(draw.integers(1, 14)),
        window=window,
        multiplier=int(draw.choice([1, 1, 1, 2, 3])),
        weight_bits=int(draw.choice([8, 16])),
        largest_scale=float(draw.choice([0.02, 0.02, 3.0])),
        clamp=(-128, 127) if draw.integers(3) else (-70, 50),
        plane_bytes=int(draw.choice([256, 1024, 4096])),
        is_saturated=bool(draw.integers(8) == 0),
        is_relu=bool(draw.integers(2)),
    )


def _cases(seed: int, count: int) -> bytes:
    draw = np.random.default_rng(seed)
    return encode_cases(depthwise_case(draw, _draw_layer(draw)) for _ in range(count))


def test_there_are_many_shapes() -> None:
    draw = np.random.default_rng(1)
    layers = [_draw_layer(draw) for _ in range(400)]
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
    assert 0 < stack <= _STACK_LIMIT


@pytest.mark.arm
@pytest.mark.parametrize("core", CORES_WITHOUT_DSP)
def test_a_core_without_the_instructions_gives_the_same(tmp_path: Path, core: str) -> None:
    cases = _cases(2, 100)
    check_printed(run_on_board(tmp_path, _SOURCE, cases, *CORES_WITHOUT_DSP[core]), 100)

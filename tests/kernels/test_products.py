# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Matrix products, convolutions and dense layers against numpy: on this host under sanitizers, and
on emulated cores that trap what is not aligned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.kernel_programs import CORE_BUILDS, DUAL_ISSUE, run_on_board, run_on_host
from support.kernel_stack import kernel_bound
from support.product_cases import (
    Case,
    Layer,
    conv2d_case,
    dense_case,
    draw_convolution,
    encode_cases,
    matmul_case,
)

from microtvm.compiler.packing import Rounding

_SOURCE = "products.c"
_STACK_LIMIT = 512


def _draw_layer(draw: np.random.Generator, rounding: Rounding) -> Layer:
    return Layer(
        rounding=rounding,
        largest_scale=float(draw.choice([0.02, 0.02, 0.02, 0.9, 3.0])),
        clamp=(-128, 127) if draw.integers(3) else (-20, 55),
        is_saturated=bool(draw.integers(6) == 0),
    )


def _matmul_pairs_cases(count: int = 240) -> Iterable[Case]:
    return _matmul_cases(count, at_once=2)


def _matmul_cases(count: int = 240, *, at_once: int = 4) -> Iterable[Case]:
    """Each remainder of pixels by 4 with each of depth by 16 and of channels by 2."""
    draw = np.random.default_rng(1)
    for index in range(count):
        pixels, depth = 1 + index % 9, 1 + 5 * index % 47
        rounding = Rounding.ONCE if draw.integers(2) else Rounding.TWICE
        layer = _draw_layer(draw, rounding)
        if rounding is Rounding.ONCE:
            layer = replace(layer, largest_scale=min(layer.largest_scale, 0.9))
        channels = int(draw.integers(1, 9))
        shape = (pixels, depth, channels)
        yield matmul_case(draw, shape, layer, 8 * (1 + index % 2), at_once=at_once)


def _conv2d_cases(count: int = 640) -> Iterable[Case]:
    draw = np.random.default_rng(2)
    for index in range(count):
        shape = draw_convolution(draw)
        yield conv2d_case(draw, shape, _draw_layer(draw, Rounding.TWICE), 8 * (1 + index % 2))


def _dense_direct_cases(count: int = 400) -> Iterable[Case]:
    """Without scratch; data at a multiple of 4, which words are read from, and elsewhere."""
    return _dense_cases(count, direct=True)


def _dense_cases(count: int = 240, *, direct: bool = False) -> Iterable[Case]:
    """Each remainder of depth by 16 with each of rows by 4; last, a large one."""
    draw = np.random.default_rng(3)
    for index in range(count):
        rounding = Rounding.TWICE if draw.integers(2) else Rounding.ONCE
        layer = _draw_layer(draw, rounding)
        if rounding is Rounding.ONCE:
            layer = replace(layer, largest_scale=min(layer.largest_scale, 0.9))
        depth = 8 * (1 + index // 2 % 9) if direct and index % 2 else 1 + 3 * index % 50
        shape = (depth, 1 + index % 9)
        yield dense_case(draw, shape, layer, direct=direct)
    large = Layer(rounding=Rounding.ONCE, largest_scale=0.005)
    yield dense_case(draw, (640, 128), large, direct=direct)


_OPERATORS: dict[str, Callable[[], Iterable[Case]]] = {
    "matmul": _matmul_cases,
    "matmul_pairs": _matmul_pairs_cases,
    "conv2d": _conv2d_cases,
    "dense": _dense_cases,
    "dense_direct": _dense_direct_cases,
}


def _kinds(case: Case) -> set[str]:
    """What a convolution is, by the arguments of its kernel."""
    _, _, _, channels, height, width, *rest = case.arguments
    kinds = {
        "pointwise": height == width == 1,
        "row": height == 1 < width,
        "column": width == 1 < height,
        "square": height > 1 < width,
        "first layer": channels <= 4,
        "strided": rest[:2] != [1, 1],
        "dilated": rest[2:4] != [1, 1],
        "grouped": rest[12] > 1,
    }
    return {kind for kind, is_one in kinds.items() if is_one}


def test_there_are_many_shapes_of_each_operator() -> None:
    for cases in _OPERATORS.values():
        assert len({case.arguments for case in cases()}) >= 200
    kinds = Counter(kind for case in _conv2d_cases() for kind in _kinds(case))
    assert len(kinds) == 8
    assert min(kinds.values()) >= 100


def _assert_all_right(printed: str, cases: Sequence[Case]) -> int:
    """Returns the stack that was used."""
    match = re.search(r"^(\d+) cases, (\d+) bytes of stack$", printed, re.MULTILINE)
    assert match, printed
    assert int(match[1]) == len(cases)
    return int(match[2])


@pytest.mark.parametrize("operator", _OPERATORS)
def test_portable_form_is_exact(tmp_path: Path, operator: str) -> None:
    cases = list(_OPERATORS[operator]())
    _assert_all_right(run_on_host(tmp_path, _SOURCE, encode_cases(cases)), cases)


@pytest.mark.arm
@pytest.mark.parametrize("core", CORE_BUILDS)
@pytest.mark.parametrize("operator", _OPERATORS)
def test_cores_are_exact_and_need_little_stack(tmp_path: Path, operator: str, core: str) -> None:
    cases = list(_OPERATORS[operator]())
    board, *definitions = CORE_BUILDS[core]
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), board, *definitions)
    assert 0 < _assert_all_right(printed, cases) <= kernel_bound(tmp_path) <= _STACK_LIMIT


@pytest.mark.arm
@pytest.mark.parametrize("definitions", [(), (DUAL_ISSUE,)], ids=["cortex-m4", "cortex-m7"])
def test_assembly_leaves_the_frame_pointer_alone(
    tmp_path: Path, definitions: tuple[str, ...]
) -> None:
    """A compiler that does not optimise has its frame pointer in r7."""
    drawn = (
        *(_matmul_cases(40), _matmul_pairs_cases(20), _conv2d_cases(20)),
        *(_dense_cases(20), _dense_direct_cases(20)),
    )
    cases = [case for few in drawn for case in few]
    flags = (*definitions, "-O0", "-fno-omit-frame-pointer")
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), "mps2-an386", *flags)
    _assert_all_right(printed, cases)


def test_the_program_tells_what_is_wrong(tmp_path: Path) -> None:
    first, second = list(_matmul_cases(2))
    wrong = second.expected.copy()
    wrong.flat[0] ^= 1
    cases = encode_cases([first, replace(second, expected=wrong)])
    with pytest.raises(AssertionError, match=r"case 1, output 0: -?\d+ instead of -?\d+"):
        run_on_host(tmp_path, _SOURCE, cases)


def test_the_program_sees_scratch_that_is_too_small(tmp_path: Path) -> None:
    (case,) = list(_matmul_cases(1))
    short = replace(case, scratch_bytes=case.scratch_bytes - 4)
    with pytest.raises(AssertionError, match="bytes of scratch instead of"):
        run_on_host(tmp_path, _SOURCE, encode_cases([short]))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Matrix products, convolutions and dense layers of int16 against numpy: on this host under
sanitizers, and on emulated cores that trap what is not aligned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.channelwise_cases import check_printed
from support.int16_cases import (
    Int16Layer,
    conv2d_int16_case,
    dense_int16_case,
    draw_int16_layer,
    is_varied,
    matmul_int16_case,
)
from support.kernel_programs import CORE_BUILDS, run_on_board, run_on_host
from support.kernel_stack import kernel_bound
from support.product_cases import Case, draw_convolution, encode_cases

_SOURCE = "products_s16.c"
_STACK_LIMIT = 512


def _matmul_cases(count: int = 300) -> Iterable[Case]:
    """Each remainder of pixels by 4 with each of depth by 16 and of channels by 2."""
    draw = np.random.default_rng(1)
    for index in range(count):
        pixels, depth = 1 + index % 9, 1 + 5 * index % 47
        rescale = str(draw.choice(["reduced", "reduced", "twice", "wide"]))
        shape = (pixels, depth, int(draw.integers(1, 9)))
        yield matmul_int16_case(draw, shape, draw_int16_layer(draw, rescale))


def _conv2d_cases(count: int = 300) -> Iterable[Case]:
    draw = np.random.default_rng(2)
    for _ in range(count):
        shape = draw_convolution(draw)
        rescale = str(draw.choice(["reduced", "reduced", "twice"]))
        yield conv2d_int16_case(draw, shape, draw_int16_layer(draw, rescale))


def _dense_cases(count: int = 240) -> Iterable[Case]:
    """Each remainder of depth by 16 with each of rows by 4; last, large ones."""
    draw = np.random.default_rng(3)
    for index in range(count):
        shape = (1 + 3 * index % 50, 1 + index % 9)
        yield dense_int16_case(draw, shape, draw_int16_layer(draw, "wide"))
    for weight_bits in (8, 16):
        layer = Int16Layer(rescale="wide", weight_bits=weight_bits, packed_bits=weight_bits)
        yield dense_int16_case(draw, (640, 32), layer)


_OPERATORS: dict[str, Callable[[], Iterable[Case]]] = {
    "matmul": _matmul_cases,
    "conv2d": _conv2d_cases,
    "dense": _dense_cases,
}


@pytest.mark.parametrize("operator", _OPERATORS)
def test_every_form_is_among_the_cases(operator: str) -> None:
    cases = list(_OPERATORS[operator]())
    met = {case.packed.form for case in cases}
    left_out = {"w8_wide", "w16_wide"} if operator == "conv2d" else set()
    assert met == set(cases[0].forms) - left_out
    assert sum(is_varied(case.expected) for case in cases) > len(cases) / 2


@pytest.mark.parametrize("operator", _OPERATORS)
def test_portable_form_is_exact(tmp_path: Path, operator: str) -> None:
    cases = list(_OPERATORS[operator]())
    check_printed(run_on_host(tmp_path, _SOURCE, encode_cases(cases)), len(cases))


@pytest.mark.arm
@pytest.mark.parametrize("core", CORE_BUILDS)
@pytest.mark.parametrize("operator", _OPERATORS)
def test_cores_are_exact_and_need_little_stack(tmp_path: Path, operator: str, core: str) -> None:
    cases = list(_OPERATORS[operator]())
    board, *definitions = CORE_BUILDS[core]
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), board, *definitions)
    assert 0 < check_printed(printed, len(cases)) <= kernel_bound(tmp_path) <= _STACK_LIMIT


@pytest.mark.arm
def test_assembly_leaves_the_frame_pointer_alone(tmp_path: Path) -> None:
    """A compiler that does not optimise has its frame pointer in r7."""
    cases: Sequence[Case] = [*_matmul_cases(40), *_conv2d_cases(20), *_dense_cases(20)]
    flags = ("-O0", "-fno-omit-frame-pointer")
    printed = run_on_board(tmp_path, _SOURCE, encode_cases(cases), "mps2-an386", *flags)
    check_printed(printed, len(cases))


def test_the_program_tells_what_is_wrong(tmp_path: Path) -> None:
    first, second = list(_matmul_cases(2))
    wrong = second.expected.copy()
    wrong.flat[0] ^= 1
    cases = encode_cases([first, replace(second, expected=wrong)])
    with pytest.raises(AssertionError, match=r"case 1, output 0: -?\d+ instead of -?\d+"):
        run_on_host(tmp_path, _SOURCE, cases)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bare-metal port on QEMU's boards: sessions, faults, and the program without a host."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.baremetal import (
    BOARDS,
    build_baremetal,
    qemu_session,
    run_standalone,
    shared_image,
)
from support.firmware_models import (
    big_inputs,
    big_outputs,
    standalone_outputs,
    stub_hidden,
    stub_output,
)

from microtvm.errors import SessionError

pytestmark = pytest.mark.arm

_CPU = {"mps2_an386": "cortex-m4", "mps2_an500": "cortex-m7"}


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The image of a board and program, built when it is first asked for."""

    return functools.partial(shared_image, tmp_path_factory)


@pytest.mark.parametrize("board", BOARDS)
def test_a_session(image: Callable[[str, str], Path], board: str) -> None:
    values = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)
    with qemu_session(image(board, "host_driven"), board, "stub") as session:
        info = session.device_info()
        assert (info.board, info.model_count) == (board, 3)
        assert (info.clock_hz, info.tick_hz) == (25_000_000, 25_000_000)
        session.set_input(0, values)
        session.run()
        np.testing.assert_array_equal(session.get_output(), stub_output(values))
        reference = {0: values, 1: stub_hidden(values), 2: stub_output(values)}
        assert [row.mismatches for row in session.validate(reference)] == [0, 0]
        assert all(0 < row.ticks < 10 for row in session.profile())
        stack = session.stack_high_water()
        assert stack.size == 4096
        assert 100 < stack.used < 2048
        session.reset()
        session.run()
        np.testing.assert_array_equal(session.get_output(), stub_output(values))


@pytest.mark.parametrize("board", BOARDS)
def test_large_tensors_and_floats(image: Callable[[str, str], Path], board: str) -> None:
    values, kept = big_inputs(1)
    with qemu_session(image(board, "host_driven"), board, "big") as session:
        session.set_input("values", values)
        session.set_input("kept", kept)
        first = session.run()
        np.testing.assert_array_equal(session.get_output(), big_outputs(values, kept))
        session.set_input("values", values)
        assert session.run() == pytest.approx(first, abs=2 / 25e6)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(
    ("ailment", "reason"),
    [
        (2, r"unaligned access in thread main at 0x.{8}, in run_layer, last call in microtvm_exec"),
        (3, r"bus fault in thread main at 0x.{8}, in run_layer, last call in microtvm_exec"),
        (4, r"division by zero in thread main at 0x.{8}, in run_layer, last call in microtvm_exec"),
        (10, r"jump to nowhere in thread main at 0x90000000, called from run_layer "),
        (11, r"jump to nowhere in thread main at 0xfffffffe, called from run_layer "),
        (12, r"no end of layer 1 within 500 ms in thread main at 0x.{8}, in hang, last call in "),
        (5, r"stack overflow in thread main at 0x1fffff.., 4096 bytes configured"),
        (7, r"stack overflow in thread main at 0x1ffff[ef].., 4096 bytes configured"),
        (8, r"stack overflow in thread main at 0x1ffff[ef].., 4096 bytes configured"),
        (9, r"stack overflow in thread main at 0x1ffff[ef].., 4096 bytes configured"),
    ],
)
def test_a_fault_is_told_and_the_device_goes_on(
    image: Callable[[str, str], Path], board: str, ailment: int, reason: str
) -> None:
    with qemu_session(image(board, "host_driven"), board, "faulty") as session:
        session.set_input(0, np.array([ailment], np.uint8))
        with pytest.raises(SessionError, match=reason):
            session.run()
        session.set_input(0, np.array([0], np.uint8))
        session.run()
        assert session.get_output().tolist() == [7]


def test_a_layer_may_take_longer_than_a_reply(image: Callable[[str, str], Path]) -> None:
    board = BOARDS[0]
    with qemu_session(image(board, "host_driven"), board, "faulty") as session:
        session.set_input(0, np.array([6], np.uint8))
        assert session.run() > 0.1
        assert session.get_output().tolist() == [7]


@pytest.mark.parametrize("board", BOARDS)
def test_the_standalone_program(image: Callable[[str, str], Path], board: str) -> None:
    status, lines = run_standalone(image(board, "standalone"), board)
    assert status == 0
    assert lines[0] == f"board {board} cpu {_CPU[board]} tick_hz 25000000"
    assert [line for line in lines if line.startswith("output")] == standalone_outputs()
    assert lines[1].startswith("model big ")
    assert int(lines[3].removeprefix("layer 1 ticks ")) > 1000
    assert lines[-1] == "done"


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("-DMICROTVM_MAIN_STACK_SIZE=4090", "multiple of 8"),
        ("-DMICROTVM_MAIN_STACK_SIZE=5000000", "overflowed"),
        ("-DMICROTVM_WORKSPACE_SIZE=4194304", "overflowed"),
        ("-DMICROTVM_MAX_PAYLOAD=100", "must be 256 to 32768"),
        ("-DMICROTVM_LAYER_TIMEOUT_MS=100001", "must be 0 to 100000"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, definition: str, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        build_baremetal(tmp_path, BOARDS[0], "host_driven", definition)

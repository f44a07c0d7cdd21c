# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The bare-metal port keeps its faults and its starts over resets, on QEMU's boards."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.baremetal import BOARDS, build_baremetal, qemu_transport, shared_image
from support.fault_cases import (
    check_that_a_loop_ends,
    check_that_a_lost_fault_is_kept,
    check_that_faults_between_answers_are_no_loop,
)
from support.host_firmware import NEVER_STARTS

from microtvm.project.function_names import FunctionNames

pytestmark = pytest.mark.arm


@pytest.mark.parametrize("board", BOARDS)
def test_a_fault_whose_frame_was_lost(tmp_path_factory: pytest.TempPathFactory, board: str) -> None:
    image = shared_image(tmp_path_factory, board, "host_driven")
    check_that_a_lost_fault_is_kept(qemu_transport(image, board))


def test_faults_between_answers(tmp_path_factory: pytest.TempPathFactory) -> None:
    image = shared_image(tmp_path_factory, BOARDS[0], "host_driven")
    check_that_faults_between_answers_are_no_loop(qemu_transport(image, BOARDS[0]))


@pytest.mark.parametrize("board", BOARDS)
def test_a_loop(tmp_path: Path, board: str) -> None:
    image = build_baremetal(tmp_path, board, "host_driven", models=(NEVER_STARTS,))
    check_that_a_loop_ends(qemu_transport(image, board), FunctionNames(image))

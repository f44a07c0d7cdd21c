# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The Zephyr port keeps its faults and its starts over resets, and tells where a check failed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.fault_cases import (
    check_that_a_loop_ends,
    check_that_a_lost_fault_is_kept,
    check_that_faults_between_answers_are_no_loop,
)
from support.host_firmware import NEVER_STARTS, model_folder
from support.zephyr import APP, build, transport

from microtvm.errors import SessionError
from microtvm.project.function_names import FunctionNames
from microtvm.session import Session, read_metadata

pytestmark = pytest.mark.zephyr

BOARDS = ("mps2_an386", "mps2_an500")
MODELS = model_folder("faulty").parent
FAILED_CHECK = 13


@pytest.fixture(scope="module")
def debug_firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With debug.conf, whose checks the other images lack."""
    settings = {"BOARD": BOARDS[0], "MICROTVM_MODELS_DIR": MODELS, "EXTRA_CONF_FILE": "debug.conf"}
    return build(APP, tmp_path_factory.mktemp("debug"), **settings)


def test_a_fault_whose_frame_was_lost(debug_firmware: Path) -> None:
    check_that_a_lost_fault_is_kept(transport(debug_firmware, BOARDS[0]))


def test_faults_between_answers(debug_firmware: Path) -> None:
    check_that_faults_between_answers_are_no_loop(transport(debug_firmware, BOARDS[0]))


def test_a_failed_check_is_told_with_its_place(debug_firmware: Path) -> None:
    metadata = read_metadata(model_folder("faulty") / "metadata.json")
    wire = transport(debug_firmware, BOARDS[0])
    with Session(wire, metadata, name_of=FunctionNames(debug_firmware)) as session:
        session.set_input(0, np.array([FAILED_CHECK], dtype=np.uint8))
        place = r"failed check in faulty_lib0\.c:\d+ in thread main at 0x.{8}, in run_layer"
        with pytest.raises(SessionError, match=place):
            session.run()


@pytest.mark.parametrize("board", BOARDS)
def test_a_loop(tmp_path: Path, board: str) -> None:
    models = model_folder(NEVER_STARTS).parent
    image = build(APP, tmp_path, BOARD=board, MICROTVM_MODELS_DIR=models)
    check_that_a_loop_ends(transport(image, board), FunctionNames(image))

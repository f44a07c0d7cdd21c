# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The host-driven program on QEMU's boards, with models that are large, slow or go wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from microtvm_project.transports import Transport
from support.zephyr import APP, ROOT, build, transport

from microtvm.errors import SessionError
from microtvm.project.function_names import FunctionNames
from microtvm.session import Session, messages, read_metadata
from microtvm.session.framing import Decoder, Frame, encode

pytestmark = pytest.mark.zephyr

MODELS = ROOT / "tests" / "firmware" / "models"
BIG = read_metadata(MODELS / "big" / "metadata.json")
FAULTY = read_metadata(MODELS / "faulty" / "metadata.json")

# What the first byte of the faulty model's input does, and how Zephyr calls it.
_OVERFLOW = "stack overflow in thread main at 0x2000.*, 4096 bytes configured"
FAULTS = {
    3: "bus fault in thread main at 0x.{8}, in run_layer.* cfsr 0x00000200, .* address 0x90000000",
    4: "division by zero in thread main at 0x.{8}, in run_layer, last call in microtvm_exec",
    10: "jump to nowhere in thread main at 0x90000000, called from run_layer ",
    11: "jump to nowhere in thread main at 0xfffffffe, called from run_layer ",
    12: "no end of layer 1 within 500 ms in thread main at 0x.{8}, in hang, last call in run_layer",
    **dict.fromkeys((5, 7, 8, 9), _OVERFLOW),
}
SLOW = 6

# The firmware counts its models in the order of their folders' names.
FAULTY_NUMBER = 1
MAX_PAYLOAD = 1024
TIMEOUT_S = 60.0


@pytest.fixture(scope="module", params=["mps2_an386", "mps2_an500"])
def firmware(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """An image with both models, and its board."""
    board = request.param
    folder = tmp_path_factory.mktemp(board)
    settings = {"CONFIG_MICROTVM_LAYER_TIMEOUT_MS": "500"}
    return build(APP, folder, BOARD=board, MICROTVM_MODELS_DIR=MODELS, **settings), board


def test_large_tensors_come_back_whole(firmware: tuple[Path, str]) -> None:
    shape = BIG.tensors[BIG.inputs[0]].shape
    values = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    with Session(transport(*firmware), BIG) as session:
        session.set_input(0, values)
        session.set_input(1, np.array([3], dtype=np.int32).reshape(BIG.tensors[1].shape))
        assert session.run() > 0
        assert np.array_equal(session.get_tensor("sums"), values + 3)
        assert np.array_equal(session.get_output("halves"), (values + 3) / np.float32(2))
        assert 100 < session.stack_high_water().used < 2048


def test_ticks_are_the_same_each_time(firmware: tuple[Path, str]) -> None:
    counts = []
    for _ in range(2):
        with Session(transport(*firmware), BIG) as session:
            for index in range(len(BIG.inputs)):
                tensor = BIG.tensors[BIG.inputs[index]]
                session.set_input(index, np.zeros(tensor.shape, dtype=np.int32))
            session.run()
            counts.append([row.ticks for row in session.profile()])
    # An interrupt of the system timer may fall into a layer or before it.
    assert counts[0] == pytest.approx(counts[1], abs=10)
    assert min(counts[0]) > 1000


@pytest.mark.parametrize("ailment", FAULTS)
def test_faults_are_told_and_the_firmware_starts_again(
    firmware: tuple[Path, str], ailment: int
) -> None:
    names = FunctionNames(firmware[0])
    with Session(transport(*firmware), FAULTY, name_of=names) as session:
        session.set_input(0, np.array([ailment], dtype=np.uint8))
        with pytest.raises(SessionError, match=FAULTS[ailment]):
            session.run()
        session.set_input(0, np.array([0], dtype=np.uint8))
        session.run()
        assert session.get_output(0).item() == 7


def test_a_reset_forgets_what_was_run(firmware: tuple[Path, str]) -> None:
    with Session(transport(*firmware), FAULTY) as session:
        session.set_input(0, np.array([0], dtype=np.uint8))
        session.run()
        session.reset()
        with pytest.raises(SessionError):
            session.get_output(0)


def test_frames_that_arrive_while_a_model_runs_are_kept(firmware: tuple[Path, str]) -> None:
    """Two writes of the largest size, sent while the core is busy, are answered afterwards."""
    filler = bytes(MAX_PAYLOAD - messages.TENSOR_WRITE_OVERHEAD)
    requests = [
        messages.tensor_write(FAULTY_NUMBER, 0, 0, bytes([SLOW])),
        messages.run(FAULTY_NUMBER),
        messages.tensor_write(FAULTY_NUMBER, 0, 0, filler),
        messages.tensor_write(FAULTY_NUMBER, 0, 0, filler),
    ]
    frames = [Frame(70 + i, request.kind, 0, request.payload) for i, request in enumerate(requests)]
    wire = transport(*firmware)
    wire.open()
    try:
        wire.write(b"".join(map(encode, frames)), TIMEOUT_S)
        answers = _answers(wire, last=73)
    finally:
        wire.close()
    statuses = {frame.sequence: frame.status for frame in answers}
    late = messages.Status.OUT_OF_RANGE
    assert statuses == {70: 0, 71: 0, 72: late, 73: late}


def _answers(wire: Transport, last: int) -> list[Frame]:
    """The replies up to the one to frame `last`, without signs of life and of the start."""
    decoder = Decoder()
    answers: list[Frame] = []
    while not answers or answers[-1].sequence != last:
        for frame in decoder.feed(wire.read(4096, TIMEOUT_S)):
            assert frame is not None
            if frame.status != messages.Status.PENDING and frame.kind != messages.START:
                answers.append(frame)
    return answers

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.firmware_models import (
    Array,
    big_inputs,
    big_outputs,
    big_sums,
    stub_hidden,
    stub_output,
)
from support.host_firmware import HostTransport, model_folder

from microtvm.errors import SessionError
from microtvm.session import LayerComparison, Session, read_metadata

STUB_INPUT = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)


def open_session(firmware: Path, name: str) -> Session:
    model = read_metadata(model_folder(name) / "metadata.json")
    return Session(HostTransport(firmware / "host_driven"), model)


@pytest.fixture
def stub(host_firmware: Path) -> Iterator[Session]:
    with open_session(host_firmware, "stub") as session:
        yield session


def stub_reference() -> dict[int, Array]:
    return {0: STUB_INPUT, 1: stub_hidden(STUB_INPUT), 2: stub_output(STUB_INPUT), 99: STUB_INPUT}


def summary(rows: list[LayerComparison]) -> list[tuple[int, str, int, int | None, float]]:
    return [
        (row.layer.index, row.tensor.name, row.elements, row.mismatches, row.largest_difference)
        for row in rows
    ]


def test_equal_layers(stub: Session) -> None:
    rows = stub.validate(stub_reference())
    assert summary(rows) == [(1, "hidden", 8, 0, 0.0), (2, "output", 8, 0, 0.0)]


def test_counts_what_differs(stub: Session) -> None:
    reference = stub_reference()
    reference[1] = reference[1].copy()
    reference[1][0, 2] += 3
    reference[1][0, 7] = -128
    rows = stub.validate(reference)
    assert summary(rows) == [(1, "hidden", 8, 2, 90 + 128.0), (2, "output", 8, 0, 0.0)]


def test_a_tensor_without_reference_is_not_compared(stub: Session) -> None:
    reference = stub_reference()
    del reference[1]
    rows = stub.validate(reference)
    assert summary(rows) == [(1, "hidden", 8, None, 0.0), (2, "output", 8, 0, 0.0)]


def test_uses_the_input_that_was_set_where_the_reference_has_none(stub: Session) -> None:
    reference = stub_reference()
    del reference[0]
    with pytest.raises(SessionError, match="has not been set"):
        stub.validate(reference)
    stub.set_input(0, STUB_INPUT)
    assert [row.mismatches for row in stub.validate(reference)] == [0, 0]


def test_gives_each_row_as_soon_as_it_is_known(stub: Session) -> None:
    seen: list[LayerComparison] = []
    assert stub.validate(stub_reference(), seen.append) == seen
    assert len(seen) == 2


def test_dimensions_of_one_may_differ(stub: Session) -> None:
    reference = stub_reference()
    reference[2] = reference[2].reshape(8)
    assert [row.mismatches for row in stub.validate(reference)] == [0, 0]


@pytest.mark.parametrize("wrong", [np.zeros((1, 9), np.int8), np.zeros((1, 8), np.uint8)])
def test_refuses_the_reference_of_another_model(stub: Session, wrong: Array) -> None:
    with pytest.raises(SessionError, match="reference for 'hidden'"):
        stub.validate({**stub_reference(), 1: wrong})


def test_floats_and_large_tensors(host_firmware: Path) -> None:
    values, kept = big_inputs(5)
    halves = big_outputs(values, kept).copy()
    halves[0, 7] += 1e6
    reference = {10: values, 11: kept, 12: big_sums(values, kept), 13: halves}
    with open_session(host_firmware, "big") as session:
        rows = session.validate(reference)
    assert [row.mismatches for row in rows] == [0, 1]
    assert rows[1].largest_difference == pytest.approx(1e6, rel=1e-3)

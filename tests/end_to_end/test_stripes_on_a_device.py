# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A model in less RAM than it needs whole, on a device: every stripe equals LiteRT's reference."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.benchmark_models import cases, model_files
from support.hardware.cases import build_model, model_inputs
from support.hardware.device import Device

from microtvm.validate.reference import ReferenceModel


@pytest.mark.arm
def test_stripes_equal_the_reference(tmp_path: Path) -> None:
    """The budget is below what the digits model needs whole."""
    data = model_files()[0].read_bytes()
    reference = ReferenceModel(data)
    project = build_model(data, Device("mps2_an386", "baremetal"), tmp_path, ram_budget=1200)
    with project.open_session() as session:
        (case, *_) = cases(*model_inputs(session))
        rows = session.validate(reference.run(case.inputs))
    assert any(row.tensor.rows is not None for row in rows)
    assert [row.mismatches for row in rows] == [0] * len(rows)

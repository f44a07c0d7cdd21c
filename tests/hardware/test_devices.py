# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""From a .tflite file to inferences and faults on a device. README.md says how to name a board."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.benchmark_models import model_files
from support.hardware.cases import FAULTS, build_faulty, build_model, check_fault, check_model
from support.hardware.device import Device
from support.hardware.report import Findings


@pytest.mark.parametrize("model", model_files(), ids=lambda path: path.stem)
def test_every_layer_equals_the_reference(
    model: Path, device: Device, findings: Findings, tmp_path: Path
) -> None:
    findings["model"] = model.stem
    data = model.read_bytes()
    project = build_model(data, device, tmp_path)
    with project.open_session(options=device.options(), flash=True) as session:
        check_model(project, session, data, findings)


def test_faults_are_told_by_name(device: Device, findings: Findings, tmp_path: Path) -> None:
    project = build_faulty(device, tmp_path)
    with project.open_session(options=device.options(), flash=True) as session:
        for fault in FAULTS:
            check_fault(session, fault, findings)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The fixtures `device`, each board in turn, and `findings`, what goes into the report.

Further ones are firmwares for the boards that QEMU plays behind ports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.benchmark_models import model_files
from support.cmake_builds import once
from support.hardware.attached import BOARD
from support.hardware.cases import build_faulty, build_model
from support.hardware.device import Device, qemu_devices, what_is_needed
from support.hardware.plugin import NAMED
from support.hardware.report import PROPERTY, Findings

from microtvm.project.project import GeneratedProject


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "device" in metafunc.fixturenames:
        metafunc.parametrize("device", _parameters(metafunc.config.stash[NAMED]), scope="session")


@pytest.fixture
def findings(request: pytest.FixtureRequest, device: Device) -> Findings:
    """What the test finds on the device, for the report; made of what JSON has."""
    found: Findings = {"device": str(device), "board": device.board, "platform": device.platform}
    found |= dict(device.chosen)
    request.node.user_properties.append((PROPERTY, found))
    return found


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> GeneratedProject:
    """The digits model, built for BOARD; tests copy what they change."""
    data = model_files()[0].read_bytes()

    def make(folder: Path) -> None:
        build_model(data, Device(BOARD, "baremetal"), folder)

    return GeneratedProject(once(tmp_path_factory, "digits_on_a_board", make) / "project")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> GeneratedProject:
    """The model that goes wrong, built likewise."""

    def make(folder: Path) -> None:
        build_faulty(Device(BOARD, "baremetal"), folder)

    return GeneratedProject(once(tmp_path_factory, "faults_on_a_board", make) / "project")


def _parameters(named: list[Device]) -> list[Any]:
    """QEMU's boards, always, and those of the command line, or what would be needed for one."""
    parameters = [
        pytest.param(device, marks=mark, id=str(device))
        for platform, mark in (("baremetal", pytest.mark.arm), ("zephyr", pytest.mark.zephyr))
        for device in qemu_devices(platform)
    ]
    for device in named:
        # With --dist loadgroup each board has a process of its own, so that all work at once.
        marks = (pytest.mark.hardware, pytest.mark.xdist_group(str(device)))
        parameters.append(pytest.param(device, marks=marks, id=f"named-{device}"))
    if not named:
        marks = (pytest.mark.hardware, pytest.mark.skip(reason=what_is_needed()))
        parameters.append(pytest.param(None, marks=marks, id="no-board"))
    return parameters

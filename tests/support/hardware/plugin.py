# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Pytest's options for boards: which are named, and where to write what is found on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from microtvm.errors import MicroTVMError
from support.hardware.device import CHOICES, Device, named_devices
from support.hardware.report import ReportPlugin

NAMED = pytest.StashKey[list[Device]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("microtvm", "boards, for the tests marked hardware")
    group.addoption("--board", action="append", default=[], help="a board; may be repeated")
    for option, name in CHOICES.items():
        group.addoption(
            option,
            action="append",
            default=[],
            dest=name,
            help=f"project option {name} of the board; repeated in the order of the boards",
        )
    group.addoption(
        "--hardware-report", type=Path, metavar="FOLDER", help="write report.json and report.txt"
    )


def pytest_configure(config: pytest.Config) -> None:
    choices = {name: config.getoption(name) for name in CHOICES.values()}
    try:
        config.stash[NAMED] = named_devices(config.getoption("board"), choices)
    except MicroTVMError as error:
        raise pytest.UsageError(str(error)) from error
    folder = config.getoption("--hardware-report")
    if folder is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportPlugin(folder))

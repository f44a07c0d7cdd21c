# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which tests can run here: those for Zephyr need its tree, those for hardware a board."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("microtvm")
    group.addoption("--board", help="board that is attached, for the tests marked hardware")
    group.addoption("--serial-number", help="serial number of that board's probe")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lacking = {}
    if not os.environ.get("ZEPHYR_BASE"):
        lacking["zephyr"] = "needs a Zephyr tree: set ZEPHYR_BASE"
    if not config.getoption("--board"):
        lacking["hardware"] = "needs a board: --board NAME"
    for item in items:
        for marker, reason in lacking.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Which tests can run here: those for Zephyr need its tree; those for hardware are a plugin's."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["support.hardware.plugin"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("ZEPHYR_BASE"):
        return
    for item in items:
        if item.get_closest_marker("zephyr"):
            item.add_marker(pytest.mark.skip(reason="needs a Zephyr tree: set ZEPHYR_BASE"))

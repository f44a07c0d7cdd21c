# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Fixtures around the firmware built for this machine. A conftest.py imports those it wants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.cmake_builds import ROOT, once
from support.host_firmware import build_host_firmware


@pytest.fixture(scope="session")
def host_firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs host_driven, standalone and codec."""
    return once(tmp_path_factory, "host_firmware", build_host_firmware) / "build"


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """What both codecs are tested with."""
    path = ROOT / "tests" / "session" / "vectors.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document

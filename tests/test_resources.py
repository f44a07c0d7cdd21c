# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The data are found in a checkout and in a wheel, and missed by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from microtvm import resources
from microtvm.errors import ProjectServerError

FOLDERS = ("template_project", "zephyr_app", "boards")


def test_in_the_checkout() -> None:
    assert (resources.template_dir() / "microtvm_api_server.py").is_file()
    assert (resources.firmware_dir() / "include" / "microtvm" / "model.h").is_file()
    assert (resources.boards_dir() / "mps2_an386" / "board.toml").is_file()


def test_in_a_wheel_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel, checkout = tmp_path / "_data", tmp_path / "checkout"
    monkeypatch.setattr(resources, "_ROOTS", (wheel, checkout))
    for root in (checkout, wheel):
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)
        assert resources.boards_dir() == root / "boards"


def test_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_ROOTS", (tmp_path / "a", tmp_path / "b"))
    (tmp_path / "a" / "boards").mkdir(parents=True)
    with pytest.raises(ProjectServerError, match="lacks its data"):
        resources.template_dir()

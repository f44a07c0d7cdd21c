# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""project.json is read back as written, and refused where it was not; builds are stamped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from microtvm_project.build_info import (
    ProjectInfo,
    is_configured,
    load_project_info,
    mark_configured,
)
from microtvm_project.errors import ProjectError
from microtvm_project.options import OptionValues
from microtvm_project.process import Command

INFO = ProjectInfo(
    platform="baremetal",
    board="mps2_an386",
    project_type="standalone",
    modules=("a", "b"),
    options=OptionValues({"main_stack_size": 4096, "warning_as_error": True, "west_cmd": "w"}),
)


def test_reading_is_the_inverse_of_writing(tmp_path: Path) -> None:
    INFO.save(tmp_path)
    info = load_project_info(tmp_path)
    assert (info.platform, info.board, info.project_type) == (
        "baremetal",
        "mps2_an386",
        "standalone",
    )
    assert (info.modules, info.options.as_dict()) == (INFO.modules, INFO.options.as_dict())


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("schema", 2, "another schema"),
        ("platform", "arduino", "'platform' is 'arduino'"),
        ("board", None, "has no 'board'"),
        ("modules", "a", "'modules' is 'a'"),
        ("options", [], "'options' is a list"),
        ("options", {"x": []}, r"option 'x' is \[\]"),
        ("more", 1, "unknown keys: more"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, key: str, value: object, told: str) -> None:
    INFO.save(tmp_path)
    values = json.loads((tmp_path / "project.json").read_text())
    (tmp_path / "project.json").write_text(json.dumps({**values, key: value}))
    with pytest.raises(ProjectError, match=told):
        load_project_info(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_files_that_are_no_json(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "project.json").write_bytes(content)
    with pytest.raises(ProjectError, match="is not JSON"):
        load_project_info(tmp_path)


def test_a_folder_that_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="No such file") as caught:
        load_project_info(tmp_path)
    assert caught.value.expected == "a generated project"


def test_images(tmp_path: Path) -> None:
    assert INFO.image(tmp_path) == tmp_path / "build" / "microtvm.elf"


def test_a_build_is_configured_by_one_command_only(tmp_path: Path) -> None:
    command = Command(("cmake", "-DA=1"), tmp_path, {"ZEPHYR_BASE": "/z"})
    assert not is_configured(tmp_path, command)
    mark_configured(tmp_path, command)
    assert not is_configured(tmp_path, command)
    (tmp_path / "build.ninja").touch()
    assert is_configured(tmp_path, command)
    assert not is_configured(tmp_path, Command(("cmake", "-DA=2"), tmp_path, {"ZEPHYR_BASE": "/z"}))
    assert not is_configured(tmp_path, Command(("cmake", "-DA=1"), tmp_path, {"ZEPHYR_BASE": "/y"}))

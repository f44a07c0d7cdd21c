# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Projects are written whole or not at all, and hold just what the table says."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from microtvm_project import generate
from microtvm_project.build_info import load_project_info
from microtvm_project.errors import (
    ArchiveError,
    BoardError,
    CapacityError,
    OptionError,
    ProjectError,
)
from microtvm_project.generate import Plan, generate_project, plan_project
from microtvm_project.layout import find_layout
from microtvm_project.options import GENERATE, convert_options, option_rows
from support.archives import ROOT, file_member, pack, pack_members, stub_files, write_stub_archive
from support.zephyr_trees import write_zephyr_tree

LAYOUT = find_layout(ROOT / "template_project")


def plan(tmp_path: Path, zephyr: Path | None = None, **options: Any) -> Plan:
    rows = option_rows(["mps2_an386", "mps2_an500", "nucleo_l4r5zi"])
    values = convert_options(rows, GENERATE, {"board": "mps2_an386", **options})
    archive = tmp_path / "module.tar"
    if not archive.exists():
        write_stub_archive(archive)
    return plan_project(LAYOUT, archive, values, zephyr)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def sources(folder: str, *skipped: str) -> dict[str, bytes]:
    """What a folder of the checkout holds, without what builds and Python leave in it."""
    left = re.compile(r"(.*/)?(__pycache__|build|\..*)(/.*)?")
    files = {name: data for name, data in tree(ROOT / folder).items() if not left.fullmatch(name)}
    return {name: data for name, data in files.items() if not name.startswith(skipped)}


def test_the_whole_tree(tmp_path: Path) -> None:
    generate_project(plan(tmp_path), tmp_path / "project")
    board = sources("boards/mps2_an386")
    expected = {
        **sources("zephyr_app", "models/"),
        **sources("template_project", "README.md"),
        **{f"boards/mps2_an386/{name}": content for name, content in board.items()},
        **{f"models/stub/{name}": content for name, content in stub_files().items()},
        "model.tar": (tmp_path / "module.tar").read_bytes(),
        "project.json": b"",
    }
    written = tree(tmp_path / "project")
    description = json.loads(written["project.json"])
    assert {**written, "project.json": b""} == expected
    assert description == {
        "schema": 1,
        "platform": "baremetal",
        "board": "mps2_an386",
        "project_type": "host_driven",
        "modules": ["stub"],
        "options": {"warning_as_error": False},
    }
    assert listing(tmp_path) == ["module.tar", "project"]
    assert os.access(tmp_path / "project" / "microtvm_api_server.py", os.X_OK)


def test_the_same_project_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate_project(plan(tmp_path), tmp_path / name)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_options_are_kept(tmp_path: Path) -> None:
    options = {
        "project_type": "standalone",
        "platform": "zephyr",
        "verbose": True,
        "warning_as_error": True,
        "compile_definitions": "-DA=1 B 'C=x y'",
        "config_main_stack_size": 8192,
        "layer_timeout_ms": 500,
        "workspace_size_bytes": 64,
        "workspace": "own",
        "pool_regions": "global_workspace:ram",
        "zephyr_base": "/opt/zephyr",
        "west_cmd": "west",
    }
    generate_project(plan(tmp_path, **options), tmp_path / "project")
    info = load_project_info(tmp_path / "project")
    assert (info.platform, info.project_type) == ("zephyr", "standalone")
    assert info.options.as_dict() == {
        "compile_definitions": "A=1 B 'C=x y'",
        "layer_timeout_ms": 500,
        "main_stack_size": 8192,
        "pool_regions": "global_workspace=ram",
        "warning_as_error": True,
        "west_cmd": "west",
        "workspace": "own",
        "workspace_size_bytes": 64,
        "zephyr_base": "/opt/zephyr",
    }


def test_paths_are_kept_as_absolute_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = plan(tmp_path, zephyr_base="zephyr", zephyr_modules="a;/b/c")
    assert made.info.options.text("zephyr_base") == str(tmp_path / "zephyr")
    assert made.info.options.text("zephyr_modules") == f"{tmp_path}/a;/b/c"


def test_the_stack_size_has_one_name_that_counts(tmp_path: Path) -> None:
    made = plan(tmp_path, config_main_stack_size=4096, main_stack_size=2048)
    assert made.info.options.integer("main_stack_size") == 2048


def test_additional_models_get_folders_of_their_own(tmp_path: Path) -> None:
    more = [write_stub_archive(tmp_path / f"{name}.tar", name) for name in ("one", "two")]
    option = ", ".join(str(path) for path in more)
    generate_project(plan(tmp_path, additional_models=option), tmp_path / "project")
    models = tree(tmp_path / "project" / "models")
    expected = {
        f"{folder}/{name}": content
        for folder in ("stub", "one", "two")
        for name, content in stub_files(folder).items()
    }
    assert models == expected
    assert load_project_info(tmp_path / "project").modules == ("stub", "one", "two")


def test_extra_files_come_last(tmp_path: Path) -> None:
    members = [file_member("prj.conf", b"CONFIG_X=y\n"), file_member("./data/a.h", b"1")]
    (tmp_path / "extra.tar").write_bytes(pack_members(members))
    made = plan(tmp_path, extra_files_tar=str(tmp_path / "extra.tar"))
    generate_project(made, tmp_path / "project")
    assert (tmp_path / "project" / "prj.conf").read_bytes() == b"CONFIG_X=y\n"
    assert (tmp_path / "project" / "data" / "a.h").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"additional_models": "{}/module.tar"}, OptionError, "both have a module named 'stub'"),
        ({"additional_models": "{}/none.tar"}, ArchiveError, "No such file"),
        ({"extra_files_tar": "{}/none.tar"}, ArchiveError, "No such file"),
        ({"workspace_size_bytes": 31}, OptionError, "'workspace_size_bytes' is 31"),
        ({"workspace_size_bytes": 5_000_000}, CapacityError, "ram would take 5,000,000 bytes"),
        ({"workspace": "mine"}, OptionError, "'workspace' is 'mine'"),
        ({"pool_regions": "global_workspace=dtcm"}, OptionError, "'global_workspace' to 'dtcm'"),
        ({"main_stack_size": 504}, OptionError, "'main_stack_size' is 504"),
        ({"config_main_stack_size": 1028}, OptionError, "'main_stack_size' is 1028"),
        ({"layer_timeout_ms": 100_001}, OptionError, "'layer_timeout_ms' is 100001"),
        ({"compile_definitions": "A='"}, OptionError, "No closing quotation"),
        ({"compile_definitions": "-O3"}, OptionError, "has '-O3'"),
        ({"compile_definitions": "A;B"}, OptionError, "has 'A;B'"),
        ({"board": "nucleo_l4r5zi", "platform": "baremetal"}, BoardError, "has no port"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], told: str
) -> None:
    write_stub_archive(tmp_path / "module.tar")
    filled = {
        name: value.format(tmp_path) if isinstance(value, str) and "{}" in value else value
        for name, value in options.items()
    }
    with pytest.raises(error, match=told):
        plan(tmp_path, **filled)
    assert listing(tmp_path) == ["module.tar"]


def test_a_workspace_that_is_too_small_is_told_with_numbers(tmp_path: Path) -> None:
    with pytest.raises(OptionError) as caught:
        plan(tmp_path, workspace_size_bytes=16)
    assert caught.value.expected == "at least 32, which model 'stub' needs"


def test_a_size_for_a_pool_that_no_model_has(tmp_path: Path) -> None:
    files = stub_files()
    metadata = files["metadata.json"].replace(b'"global_workspace"', b'"ram"')
    (tmp_path / "module.tar").write_bytes(pack({**files, "metadata.json": metadata}))
    with pytest.raises(OptionError, match="no model has a pool global_workspace"):
        plan(tmp_path, workspace_size_bytes=64)
    assert plan(tmp_path).info.modules == ("stub",)


@pytest.mark.parametrize(
    ("board", "zephyr", "platform"),
    [
        ("mps2_an386", Path("/opt/zephyr"), "zephyr"),
        ("mps2_an386", None, "baremetal"),
        ("nucleo_l4r5zi", None, "zephyr"),
    ],
)
def test_the_platform_where_none_is_asked_for(
    tmp_path: Path, board: str, zephyr: Path | None, platform: str
) -> None:
    assert plan(tmp_path, zephyr, board=board).info.platform == platform


def test_a_board_by_the_name_that_zephyr_has(tmp_path: Path) -> None:
    for name in ("nrf52840dk_nrf52840", "nrf52840dk/nrf52840"):
        assert plan(tmp_path, board=name).info.board == "nrf52840dk"


def test_a_board_that_only_zephyr_knows(tmp_path: Path) -> None:
    zephyr = write_zephyr_tree(tmp_path / "zephyr")
    made = plan(tmp_path, zephyr, board="lone_m4")
    assert (made.info.board, made.info.platform) == ("lone_m4", "zephyr")
    generate_project(made, tmp_path / "project")
    assert not (tmp_path / "project" / "boards").exists()
    with pytest.raises(OptionError, match="maps the pool 'dtcm', which no model has"):
        plan(tmp_path, zephyr, board="lone_m4", pool_regions="dtcm=fast")


@pytest.mark.parametrize("platform", [{"platform": "baremetal"}, {}])
def test_a_board_that_is_not_known(tmp_path: Path, platform: dict[str, str]) -> None:
    zephyr = write_zephyr_tree(tmp_path / "zephyr") if platform else None
    with pytest.raises(BoardError, match="Board 'nucleo_l4r5z' is not known") as caught:
        plan(tmp_path, zephyr, board="nucleo_l4r5z", **platform)
    assert "mps2_an386" in caught.value.expected
    assert caught.value.hint == "nucleo_l4r5zi"


def test_a_taken_place_is_left_alone(tmp_path: Path) -> None:
    made = plan(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "folder", "dangling"):
        with pytest.raises(ProjectError, match="exists already"):
            generate_project(made, tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    assert listing(tmp_path / "folder") == []


def test_a_missing_parent(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no folder"):
        generate_project(plan(tmp_path), tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()


def fail_in_the_middle(*_: object) -> None:
    raise OSError(28, "No space left on device")


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("failure", "error"), [(fail_in_the_middle, ProjectError), (interrupt, KeyboardInterrupt)]
)
def test_nothing_half_written_is_left(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: Callable[..., None],
    error: type[BaseException],
) -> None:
    made = plan(tmp_path)
    monkeypatch.setattr(generate, "write_files", failure)
    with pytest.raises(error):
        generate_project(made, tmp_path / "project")
    assert listing(tmp_path) == ["module.tar"]

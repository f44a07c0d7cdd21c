# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What sources.cmake makes of folders of models, good and bad."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from microtvm_project.boards import list_boards, load_board
from support.cmake_builds import ROOT, find_program

_APP = ROOT / "zephyr_app"
_PROJECT = """
cmake_minimum_required(VERSION 3.20)
project(sources NONE)
include("{app}/sources.cmake")
file(WRITE ${{CMAKE_BINARY_DIR}}/sources.txt "${{MICROTVM_SOURCES}}")
file(WRITE ${{CMAKE_BINARY_DIR}}/constants.txt "${{MICROTVM_CONSTANT_POOLS}}")
"""


def write_model(
    folder: Path, name: str, workspace: int = 100, *, dtcm: int | None = None, **changes: Any
) -> None:
    pools = {"global_workspace": workspace, "dtcm": dtcm}
    own = {
        "memory": {
            "pools": [
                {"name": pool, "size_bytes": size}
                for pool, size in pools.items()
                if size is not None
            ]
        },
        "layers": [{}, {}, {}],
        "files": {f"codegen/host/src/{name}_lib0.c": "", "codegen/host/include/x.h": ""},
    }
    folder.mkdir(parents=True)
    document = {"modules": {name: {"microtvm": {**own, **changes}}}}
    (folder / "metadata.json").write_text(json.dumps(document), encoding="utf-8")


def configure(
    folder: Path, project: str = _PROJECT.format(app=_APP), **variables: str
) -> subprocess.CompletedProcess[str]:
    (folder / "project").mkdir()
    (folder / "project" / "CMakeLists.txt").write_text(project, encoding="utf-8")
    settings = {"MICROTVM_PROGRAM": "host_driven", "MICROTVM_MODELS_DIR": str(folder / "models")}
    settings.update(variables)
    command = [find_program("cmake"), "-S", str(folder / "project"), "-B", str(folder / "build")]
    command += ["-G", "Ninja", f"-DCMAKE_MAKE_PROGRAM={find_program('ninja')}"]
    command += [f"-D{name}={value}" for name, value in settings.items()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def refusal(folder: Path, **variables: str) -> str:
    """CMake's message in one line: it breaks lines where it likes."""
    result = configure(folder, **variables)
    assert result.returncode != 0
    return " ".join(result.stderr.split())


def generated(folder: Path, name: str) -> list[str]:
    path = folder / "build" / "microtvm_generated" / name
    return path.read_text(encoding="utf-8").splitlines()


def test_lists_the_models(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "first", 100)
    write_model(tmp_path / "models" / "b", "second_2", 200)
    assert configure(tmp_path).returncode == 0
    assert generated(tmp_path, "models.inc") == [
        "MICROTVM_MODEL(first, 3, 0, MICROTVM_POOL(global_workspace))",
        "MICROTVM_MODEL(second_2, 3, 0, MICROTVM_POOL(global_workspace))",
    ]
    assert generated(tmp_path, "pools.inc") == [
        "MICROTVM_MEMORY(global_workspace, global_workspace, 200)"
    ]
    sources = (tmp_path / "build" / "sources.txt").read_text(encoding="utf-8").split(";")
    assert sources[-2:] == [
        str(tmp_path / "models" / "a" / "codegen/host/src/first_lib0.c"),
        str(tmp_path / "models" / "b" / "codegen/host/src/second_2_lib0.c"),
    ]


def test_a_pool_is_as_large_as_the_largest_model_needs(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "first", 100, dtcm=60)
    write_model(tmp_path / "models" / "b", "second", 200)
    write_model(tmp_path / "models" / "c", "third", 0, dtcm=50)
    assert configure(tmp_path).returncode == 0
    assert generated(tmp_path, "models.inc") == [
        "MICROTVM_MODEL(first, 3, 0, MICROTVM_POOL(global_workspace) MICROTVM_POOL(dtcm))",
        "MICROTVM_MODEL(second, 3, 0, MICROTVM_POOL(global_workspace))",
        "MICROTVM_MODEL(third, 3, 0, MICROTVM_POOL(global_workspace) MICROTVM_POOL(dtcm))",
    ]
    assert generated(tmp_path, "pools.inc") == [
        "MICROTVM_MEMORY(global_workspace, global_workspace, 200)",
        "MICROTVM_MEMORY(dtcm, dtcm, 60)",
    ]


def test_each_model_has_its_own_memory(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "first", 100, dtcm=60)
    write_model(tmp_path / "models" / "b", "second", 200)
    assert configure(tmp_path, MICROTVM_WORKSPACE="own").returncode == 0
    assert generated(tmp_path, "models.inc") == [
        "MICROTVM_MODEL(first, 3, 0, MICROTVM_POOL(global_workspace_0) MICROTVM_POOL(dtcm_0))",
        "MICROTVM_MODEL(second, 3, 1, MICROTVM_POOL(global_workspace_1))",
    ]
    assert generated(tmp_path, "pools.inc") == [
        "MICROTVM_MEMORY(global_workspace_0, global_workspace, 100)",
        "MICROTVM_MEMORY(dtcm_0, dtcm, 60)",
        "MICROTVM_MEMORY(global_workspace_1, global_workspace, 200)",
    ]


def test_lists_the_pools_of_constants(tmp_path: Path) -> None:
    pools = [{"name": "global_workspace", "size_bytes": 1}]
    for name, constants in (("a", ["dtcm"]), ("b", ["tables", "dtcm"]), ("c", [])):
        rows = [{"name": constant, "size_bytes": 1} for constant in constants]
        memory = {"pools": pools, "constant_pools": rows}
        write_model(tmp_path / "models" / name, name, memory=memory)
    assert configure(tmp_path).returncode == 0
    assert (tmp_path / "build" / "constants.txt").read_text(encoding="utf-8") == "dtcm;tables"


def test_a_way_to_have_memory_that_there_is_not(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "a")
    message = refusal(tmp_path, MICROTVM_WORKSPACE="mine")
    assert "MICROTVM_WORKSPACE is 'mine'; expected shared or own" in message


_REGIONS = """
cmake_minimum_required(VERSION 3.20)
project(regions NONE)
include("{app}/regions.cmake")
microtvm_read_regions({board}/board.toml)
foreach(name IN LISTS MICROTVM_REGIONS)
  foreach(key kind address size devicetree_label)
    file(APPEND ${{CMAKE_BINARY_DIR}}/regions.txt "${{microtvm_region_${{name}}_${{key}}}} ")
  endforeach()
  file(APPEND ${{CMAKE_BINARY_DIR}}/regions.txt "${{name}}\\n")
endforeach()
"""


@pytest.mark.parametrize("name", list_boards(ROOT / "boards"))
def test_cmake_reads_the_memory_of_each_board(tmp_path: Path, name: str) -> None:
    board = ROOT / "boards" / name
    project = _REGIONS.format(app=_APP, board=board)
    assert configure(tmp_path, project).returncode == 0
    lines = (tmp_path / "build" / "regions.txt").read_text(encoding="utf-8").splitlines()
    assert lines == [
        f"{region.kind} {region.address} {region.size} {region.devicetree_label} {region.name}"
        for region in load_board(board).memory
    ]


def test_a_workspace_that_is_larger_than_the_models_need(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "a", 100, dtcm=60)
    assert configure(tmp_path, MICROTVM_WORKSPACE_SIZE="150").returncode == 0
    assert generated(tmp_path, "pools.inc") == [
        "MICROTVM_MEMORY(global_workspace, global_workspace, 150)",
        "MICROTVM_MEMORY(dtcm, dtcm, 60)",
    ]


@pytest.mark.parametrize(
    ("pools", "message"),
    [
        ([], "the model 'a' lists no pools"),
        ([{"name": "a-b", "size_bytes": 1}], "pool 'a-b'; expected letters, digits and _"),
        ([{"name": "x;y", "size_bytes": 1}], "pool 'x;y'; expected letters, digits and _"),
        ([{"name": "x", "size_bytes": "1)"}], "pool 'x' of '1)'; expected bytes"),
        ([{"name": "x", "size_bytes": -1}], "pool 'x' of '-1'; expected bytes"),
        ([{"size_bytes": 1}], "JSON"),
    ],
)
def test_pools_that_are_none(tmp_path: Path, pools: list[Any], message: str) -> None:
    write_model(tmp_path / "models" / "a", "a", memory={"pools": pools})
    assert message in refusal(tmp_path)


def test_two_models_of_one_name(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "same")
    write_model(tmp_path / "models" / "b", "same")
    assert "Two models are named 'same'" in refusal(tmp_path)


def test_no_model(tmp_path: Path) -> None:
    assert "No model: expected" in refusal(tmp_path)


def test_a_model_without_files(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "a", files={})
    assert "the model 'a' lists no files" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["A", "a-b", "a b", "a;b", "../a"])
def test_a_name_that_is_none_in_c(tmp_path: Path, name: str) -> None:
    write_model(tmp_path / "models" / "a", name)
    assert "expected letters a-z, digits and _" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("size", "message"),
    [("99", "the model 'a' needs at least 100"), ("1k", "expected bytes")],
)
def test_a_workspace_that_is_too_small(tmp_path: Path, size: str, message: str) -> None:
    write_model(tmp_path / "models" / "a", "a", 100)
    assert message in refusal(tmp_path, MICROTVM_WORKSPACE_SIZE=size)


def test_an_unknown_program(tmp_path: Path) -> None:
    write_model(tmp_path / "models" / "a", "a")
    message = refusal(tmp_path, MICROTVM_PROGRAM="other")
    assert "'other'; expected host_driven" in message


@pytest.mark.parametrize("content", ["", "{", '{"modules": 5}', '{"modules": {"a": {}}}'])
def test_damaged_metadata(tmp_path: Path, content: str) -> None:
    write_model(tmp_path / "models" / "a", "a")
    (tmp_path / "models" / "a" / "metadata.json").write_text(content, encoding="utf-8")
    assert "JSON" in refusal(tmp_path)

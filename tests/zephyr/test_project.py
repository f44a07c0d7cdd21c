# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A generated project as a plain Zephyr application: CMake learns all from project.json."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from microtvm_project.zephyr import load_tree
from microtvm_project.zephyr_version import ZephyrVersion
from support.archives import write_stub_archive
from support.zephyr import build, run_to_end, settings

from microtvm.errors import MicroTVMError
from microtvm.project.project import create_project

pytestmark = pytest.mark.zephyr


def test_cmake_needs_no_arguments(tmp_path: Path) -> None:
    options = {
        "platform": "zephyr",
        "board": "mps2_an500",
        "project_type": "standalone",
        "main_stack_size": "6144",
        "layer_timeout_ms": "2500",
        "workspace_size_bytes": "5000",
        "warning_as_error": "true",
        "compile_definitions": "-DPLAIN -DTEXT='a b'",
    }
    project = tmp_path / "project"
    create_project(project, write_stub_archive(tmp_path / "stub.tar"), options)
    folder = tmp_path / "build"
    elf = build(project, folder)

    chosen = settings(folder)
    assert chosen["CONFIG_MICROTVM_STANDALONE"] == "y"
    assert chosen["CONFIG_MAIN_STACK_SIZE"] == "6144"
    assert chosen["CONFIG_MICROTVM_LAYER_TIMEOUT_MS"] == "2500"
    assert chosen["CONFIG_MICROTVM_WORKSPACE_SIZE"] == "5000"
    assert chosen["CONFIG_COMPILER_WARNINGS_AS_ERRORS"] == "y"
    commands = (folder / "build.ninja").read_text(encoding="utf-8")
    assert " -DPLAIN " in commands
    assert ' -DTEXT="a b" ' in commands
    code, lines = run_to_end(elf, "mps2-an500")
    assert code == 0
    assert lines[0].startswith("board mps2_an500 cpu cortex-m7 ")
    assert lines[-2].endswith(" of 6144")


def test_a_main_stack_that_is_too_small_is_refused(tmp_path: Path) -> None:
    options = {"platform": "zephyr", "board": "mps2_an386", "main_stack_size": "512"}
    archive = write_stub_archive(tmp_path / "stub.tar")
    project = create_project(tmp_path / "project", archive, options)
    with pytest.raises(MicroTVMError, match="has 512 bytes, and the program may need") as caught:
        project.build()
    assert "z_thread_entry" in caught.value.found
    # Later ones give the guard room besides the stack.
    older = load_tree(Path(os.environ["ZEPHYR_BASE"])).version < ZephyrVersion(3, 7, 0)
    assert ("guard 480" in caught.value.found) == older


def test_memory_that_is_full_is_told_with_what_fills_it(tmp_path: Path) -> None:
    options = {"platform": "zephyr", "board": "mps2_an386", "main_stack_size": "4200000"}
    archive = write_stub_archive(tmp_path / "stub.tar")
    project = create_project(tmp_path / "project", archive, options)
    told = (
        r"region RAM overflowed by [\d,]+ bytes: it would take 4,2\d\d,\d\d\d"
        r" \(stacks and what else has no initial value 4,2\d\d,\d\d\d, .*"
        r"\.noinit of init.c 4,2\d\d,\d\d\d"
    )
    with pytest.raises(MicroTVMError, match=told):
        project.build()


def test_what_a_build_takes_is_stored_with_it(tmp_path: Path) -> None:
    options = {"platform": "zephyr", "board": "mps2_an386"}
    archive = write_stub_archive(tmp_path / "stub.tar")
    project = create_project(tmp_path / "project", archive, options)
    project.build()
    flash, ram = project.memory_report()
    sizes = {part.name: part.size or 0 for part in (*flash.parts, *ram.parts)}
    assert {"code of stub", "constants of stub", "code of the firmware"} <= set(sizes)
    assert sizes["pool global_workspace"] == 32
    assert sizes["main stack"] >= project.stack_report().configured

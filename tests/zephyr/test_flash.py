# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""`west flash` itself, in a workspace, with programs that only note what they are told.

JLinkExe is missing here: west asks SEGGER's library for its version before it starts it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.archives import write_stub_archive

from microtvm.project.project import GeneratedProject, create_project

pytestmark = pytest.mark.zephyr

# What west needs of Zephyr to flash.
_PARTS = ("scripts", "submanifests", "west.yml", "VERSION")
_PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "{calls}"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A west workspace around the parts of the Zephyr tree that flash; returns its Zephyr."""
    (tmp_path / "workspace/.west").mkdir(parents=True)
    config = "[manifest]\npath = zephyr\nfile = west.yml\n[zephyr]\nbase = zephyr\n"
    (tmp_path / "workspace/.west/config").write_text(config)
    base = tmp_path / "workspace/zephyr"
    base.mkdir()
    for part in _PARTS:
        source = Path(os.environ["ZEPHYR_BASE"]) / part
        copy = shutil.copytree if source.is_dir() else shutil.copyfile
        copy(source, base / part)
    return base


def flash(project: GeneratedProject, workspace: Path, runner: str, probe: str) -> str:
    """Flashes with programs of `runner` that note their arguments; returns these."""
    calls = workspace / "calls"
    calls.write_text("")
    options = {"zephyr_base": str(workspace), "runner": runner, "serial_number": probe}
    project.flash(options)
    return calls.read_text().strip()


def prepare(folder: Path, board: str, monkeypatch: pytest.MonkeyPatch) -> GeneratedProject:
    options = {"platform": "zephyr", "board": board}
    archive = write_stub_archive(folder / "stub.tar")
    project = create_project(folder / "project", archive, options)
    project.build()
    programs = folder / "programs"
    programs.mkdir()
    for name in ("openocd", "STM32_Programmer_CLI", "pyocd", "nrfjprog"):
        path = programs / name
        path.write_text(_PROGRAM.format(calls=folder / "workspace/zephyr/calls"))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return project


def test_an_st_board(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = prepare(tmp_path, "nucleo_h743zi", monkeypatch)
    image = tmp_path / "project/build/zephyr/zephyr.hex"
    assert image.is_file()
    told = flash(project, workspace, "openocd", "066F")
    assert told.startswith("openocd -s ")
    writes = f"-c flash write_image erase {image}"
    assert f"-c adapter serial 066F -c init -c targets -c reset init {writes}" in told
    assert flash(project, workspace, "stm32cubeprogrammer", "066F") == (
        f"STM32_Programmer_CLI --connect port=swd reset=HWrst sn=066F --download {image} --start"
    )


def test_a_nordic_board(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = prepare(tmp_path, "nrf52840dk", monkeypatch)
    image = tmp_path / "project/build/zephyr/zephyr.hex"
    assert flash(project, workspace, "pyocd", "0683") == (
        f"pyocd flash -e sector -t nrf52840 -u 0683 -f 4000000 {image}"
    )
    told = flash(project, workspace, "nrfjprog", "683").splitlines()
    assert f"nrfjprog --program {image} --sectoranduicrerase --verify -f NRF52 --snr 683" in told
    assert told[-1].startswith("nrfjprog --pinreset")

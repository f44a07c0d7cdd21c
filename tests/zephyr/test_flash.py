# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""`west flash` itself, in a workspace, with programs that only note what they are told.

West asks SEGGER's library for its version before it starts JLinkExe: a module takes its place. Its
runner for LinkServer came after Zephyr 3.4; where the tree has none, it has to say so.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from support.archives import write_stub_archive

from microtvm.errors import BuildError
from microtvm.project.project import GeneratedProject, create_project

pytestmark = pytest.mark.zephyr

# What west needs of Zephyr to flash.
_PARTS = ("scripts", "submanifests", "west.yml", "VERSION")
# A program's own script or list of operations is noted too, before it is gone.
_PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >> "{calls}"
for word in "$@"; do
	case "$word" in
	*.jlink | *.json) cat "$word" >> "{calls}" ;;
	list) echo '{devices}' ;;
	esac
done
"""
_DEVICES = '{"type": "task_end", "data": {"data": {"devices": [{"serialNumber": "683"}]}}}'
_PROGRAMS = ("JLinkExe", "STM32_Programmer_CLI", "nrfjprog", "nrfutil", "openocd", "pyocd")
_PYLINK = """__version__ = "1.0.0"
"""
_PYLINK_LIBRARY = """class Library:
    JLINK_SDK_NAME = "libjlinkarm"

    def __init__(self, dllpath):
        assert dllpath.endswith("/libjlinkarm.so")

    def dll(self):
        return self

    def JLINKARM_GetDLLVersion(self):
        return 79400
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


def flash(project: GeneratedProject, workspace: Path, runner: str, probe: str, **more: str) -> str:
    """Flashes with programs of `runner` that note their arguments; returns these."""
    calls = workspace / "calls"
    calls.write_text("")
    options = {"zephyr_base": str(workspace), "runner": runner, "serial_number": probe}
    project.flash({**options, **more})
    return calls.read_text().strip()


def without_script(told: str) -> list[str]:
    """The lines, of the first what comes before the name of a file that is gone."""
    first, *rest = told.splitlines()
    return [first.rpartition(" -CommanderScript ")[0] + " -CommanderScript", *rest]


def prepare(folder: Path, board: str, monkeypatch: pytest.MonkeyPatch) -> GeneratedProject:
    options = {"platform": "zephyr", "board": board}
    archive = write_stub_archive(folder / "stub.tar")
    project = create_project(folder / "project", archive, options)
    project.build()
    programs = folder / "programs"
    programs.mkdir()
    calls = folder / "workspace/zephyr/calls"
    for name in _PROGRAMS:
        path = programs / name
        path.write_text(_PROGRAM.format(calls=calls, devices=_DEVICES))
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    library = folder / "python" / "pylink"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text(_PYLINK)
    (library / "library.py").write_text(_PYLINK_LIBRARY)
    monkeypatch.setenv("PYTHONPATH", str(library.parent))
    return project


def jlink_calls(device: str, image: Path, erase: str = "") -> list[str]:
    """What JLinkExe is told: its arguments up to the script, and the script."""
    return [
        f"JLinkExe -USB 683 -nogui 1 -if swd -speed 4000 -device {device} -CommanderScript",
        *("ExitOnError 1", "r", *([erase] if erase else []), f'loadfile "{image}"', "g"),
        *("writeDP 1 0", "readDP 1", "q"),
    ]


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
    told = flash(project, workspace, "stm32cubeprogrammer", "066F", erase="true").splitlines()
    connect = "STM32_Programmer_CLI --connect port=swd reset=HWrst sn=066F"
    assert told == [f"{connect} --erase all", f"{connect} --download {image} --start"]
    told = flash(project, workspace, "jlink", "683")
    assert without_script(told) == jlink_calls("STM32H743ZI", image)


def test_a_nordic_board(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = prepare(tmp_path, "nrf52840dk", monkeypatch)
    image = tmp_path / "project/build/zephyr/zephyr.hex"
    assert flash(project, workspace, "pyocd", "0683") == (
        f"pyocd flash -e sector -t nrf52840 -u 0683 -f 4000000 {image}"
    )
    told = flash(project, workspace, "nrfjprog", "683").splitlines()
    assert f"nrfjprog --program {image} --sectoranduicrerase --verify -f NRF52 --snr 683" in told
    assert told[-1].startswith("nrfjprog --pinreset")
    told = flash(project, workspace, "jlink", "683", erase="true")
    assert without_script(told) == jlink_calls("nRF52840_xxAA", image, "erase")
    for probe in ("683", ""):
        lines = flash(project, workspace, "nrfutil", probe).splitlines()
        assert (lines[0] == "nrfutil --json device list") == (not probe)
        (batch,) = [line for line in lines if "execute-batch" in line]
        assert batch.endswith("--serial-number 683")
        assert f'"file": "{image}"' in "".join(lines)


def test_a_runner_that_the_board_lacks(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (workspace / "scripts/west_commands/runners/linkserver.py").exists():
        pytest.skip("this Zephyr has a runner for LinkServer")
    project = prepare(tmp_path, "frdm_k64f", monkeypatch)
    with pytest.raises(BuildError, match="cannot be flashed by runner 'linkserver'") as caught:
        flash(project, workspace, "linkserver", "683")
    assert caught.value.expected == "one of pyocd, jlink, openocd, canopen"

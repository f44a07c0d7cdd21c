# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""What scripts/setup says on machines that lack something and cannot have it installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parents[2] / "scripts" / "setup"
BASICS = ("bash", "basename", "cat", "cut", "dirname", "env", "grep", "id", "sha256sum")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH, with a shell's basics and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in BASICS:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


def _fake(programs: Path, name: str, script: str) -> None:
    (programs / name).unlink(missing_ok=True)
    (programs / name).write_text(f"#!{programs}/bash\n{script}\n")
    (programs / name).chmod(0o755)


def _setup(programs: Path, **environment: str) -> str:
    result = subprocess.run(
        [str(programs / "bash"), str(SETUP)],
        env={"PATH": str(programs), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    return result.stderr


def test_another_system(programs: Path) -> None:
    errors = _setup(programs)
    for package in ("python3-venv", "gcc-arm-none-eabi", "qemu-system-arm", "libc6-dev"):
        assert package in errors
    assert "Debian or Ubuntu" in errors


def test_not_root_and_no_sudo(programs: Path) -> None:
    _fake(programs, "apt-get", "exit 0")
    _fake(programs, "id", "echo 1000")
    assert "only root can install them" in _setup(programs)


def test_a_sudo_that_wants_a_password(programs: Path) -> None:
    _fake(programs, "apt-get", "exit 0")
    _fake(programs, "id", "echo 1000")
    _fake(programs, "sudo", "exit 1")
    assert "only root can install them" in _setup(programs)


def test_apt_fails(programs: Path) -> None:
    _fake(programs, "apt-get", "exit 100")
    _fake(programs, "id", "echo 0")
    assert "apt-get could not install" in _setup(programs)


def test_a_system_with_another_python(programs: Path) -> None:
    _fake(programs, "apt-get", "exit 0")
    _fake(programs, "id", "echo 0")
    _fake(programs, "python3", "exit 1")
    assert "Python 3.11 or 3.12" in _setup(programs)


@pytest.mark.parametrize(
    ("system", "browser"), [("debian", " chromium chromium-driver"), ("ubuntu", "")]
)
def test_only_what_is_missing_is_installed(
    system: str, browser: str, programs: Path, tmp_path: Path
) -> None:
    (tmp_path / "os-release").write_text(f"NAME=x\nID={system}\n")
    _fake(programs, "id", "echo 0")
    _fake(programs, "apt-get", f'printf "%s\\n" "$*" >>"{tmp_path}/calls"')
    _fake(programs, "python3", "exit 0")
    _fake(programs, "gcc", "exit 0")
    _fake(programs, "arm-none-eabi-gcc", "echo libc.a")
    errors = _setup(programs, OS_RELEASE_FILE=str(tmp_path / "os-release"))
    assert "still missing after the installation" in errors
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0] == "update -q"
    assert calls[1].endswith(f" libnewlib-arm-none-eabi qemu-system-arm{browser}")


def test_a_browser_that_is_there_is_not_installed(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=debian\n")
    for name in ("chromium", "chromedriver"):
        _fake(programs, name, "exit 0")
    assert "chromium" not in _setup(programs, OS_RELEASE_FILE=str(tmp_path / "os-release"))


def test_a_second_python_of_the_system_is_taken(programs: Path, tmp_path: Path) -> None:
    _fake(programs, "id", "echo 0")
    _fake(programs, "apt-get", f'printf "%s\\n" "$*" >>"{tmp_path}/calls"')
    _fake(programs, "apt-cache", '[[ "$2" == python3.11-venv ]]')
    _fake(programs, "python3", "exit 1")
    assert "no usable Python found" in _setup(programs)
    assert " python3.11 python3.11-venv " in (tmp_path / "calls").read_text()


def test_the_python_asked_for_does_not_do(programs: Path) -> None:
    _fake(programs, "mine", "exit 1")
    errors = _setup(programs, PYTHON=str(programs / "mine"))
    assert "no Python 3.11 or 3.12" in errors


def test_scripts_can_be_started() -> None:
    for name in ("setup", "check", "test", "demo"):
        assert os.access(SETUP.parent / name, os.X_OK)

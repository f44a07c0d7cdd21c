# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A session's bytes by way of a project's server, and what is left when the host dies."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.emulator import write_emulator
from support.images import elf
from support.projects import generate_stub

from microtvm import resources
from microtvm.errors import (
    BuildError,
    OptionError,
    ProjectError,
    TransportClosedError,
    TransportError,
    TransportTimeoutError,
)
from microtvm.project.transport import ProjectTransport


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that looks built, with a program in QEMU's place."""
    emulator = write_emulator(tmp_path / "bin" / "qemu-system-arm")
    monkeypatch.setenv("PATH", f"{emulator.parent}{os.pathsep}{os.environ['PATH']}")
    folder = generate_stub(tmp_path / "project", board="mps2_an386").folder
    (folder / "build").mkdir()
    (folder / "build" / "microtvm.elf").write_bytes(elf([(0, 64, 0, 64)]))
    return folder


def read_until(transport: ProjectTransport, done: Callable[[bytes], bool]) -> bytes:
    received = b""
    while not done(received):
        received += transport.read(8192, 20.0)
    return received


def test_bytes_go_both_ways(project: Path) -> None:
    transport = ProjectTransport(project, {})
    transport.open()
    assert transport.timeouts.session_start_timeout_sec == 10.0
    data = bytes(range(256)) * 32
    transport.write(data, 20.0)
    assert read_until(transport, lambda received: len(received) >= len(data)) == data
    with pytest.raises(TransportTimeoutError, match="Nothing came"):
        transport.read(1, 0.0)
    transport.close()
    transport.close()


def test_a_device_that_is_gone(project: Path) -> None:
    transport = ProjectTransport(project, {})
    transport.open()
    transport.write(b"exit", 20.0)
    assert read_until(transport, lambda received: len(received) == 4) == b"exit"
    with pytest.raises(TransportClosedError, match="QEMU ended with exit code 3"):
        transport.read(1, 20.0)
    transport.close()


def test_nothing_works_while_it_is_not_open(project: Path) -> None:
    transport = ProjectTransport(project, {})
    for _ in range(2):
        with pytest.raises(TransportClosedError, match="is not open"):
            transport.read(1, 0.0)
        transport.open()
        transport.close()


def test_options_reach_the_server(project: Path) -> None:
    lines: list[str] = []
    transport = ProjectTransport(project, {"qemu_icount": "false"}, lines.append)
    transport.open()
    transport.close()
    (command,) = lines
    assert "-icount" not in command
    with pytest.raises(OptionError, match="'qemu_icount' is 'maybe'"):
        ProjectTransport(project, {"qemu_icount": "maybe"}).open()


def test_a_port_that_is_not_there(project: Path) -> None:
    with pytest.raises(TransportError, match="Cannot open port /dev/nowhere"):
        ProjectTransport(project, {"port": "/dev/nowhere"}).open()


def test_a_project_that_is_not_built(project: Path) -> None:
    (project / "build" / "microtvm.elf").unlink()
    with pytest.raises(BuildError, match="Cannot read"):
        ProjectTransport(project, {}).open()


def test_a_template_has_no_device() -> None:
    with pytest.raises(ProjectError, match="is a template"):
        ProjectTransport(resources.template_dir(), {}).open()


HOST = """
import sys
from pathlib import Path
from microtvm.project.transport import ProjectTransport
transport = ProjectTransport(Path(sys.argv[1]), {})
transport.open()
transport.write(b"pid?", 20.0)
said = b""
while not said.endswith(b" "):
    said += transport.read(100, 20.0)
print(transport._client._server._process.pid, int(said[4:]), flush=True)
transport.read(1, None)
"""


def test_nothing_lives_on_when_the_host_is_killed(project: Path) -> None:
    arguments = [sys.executable, "-c", HOST, str(project)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        processes = [os.pidfd_open(int(word)) for word in host.stdout.readline().split()]
        host.kill()
    try:
        for name, process in zip(("server", "emulator"), processes, strict=True):
            assert select.select([process], [], [], 20)[0], f"the {name} lives on"
    finally:
        for process in processes:
            os.close(process)

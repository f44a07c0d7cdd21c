# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of a session: nothing lives on, and the next session begins at once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.baremetal import BOARDS
from support.cmake_builds import once
from support.firmware_models import stub_output
from support.processes import adopting_orphans, children_of, has_ended
from support.projects import build_stub
from support.qemu_board import QemuBoard

from microtvm.errors import ProjectServerError
from microtvm.project import GeneratedProject
from microtvm.project.server_process import SERVER_SCRIPT

pytestmark = pytest.mark.arm

VALUES = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)

# Takes the project and the options; says the server's process once it has run the model.
HOST = """
import json, sys
import numpy as np
from microtvm.project import open_session
with open_session(sys.argv[1], options=json.loads(sys.argv[2])) as session:
    session.set_input(0, np.zeros((1, 8), np.int8))
    session.run()
    print(session._transport._client._server._process.pid, flush=True)
    while True:
        session.run()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> GeneratedProject:
    """A built project around the stub model."""

    def build(folder: Path) -> None:
        build_stub(folder / "project", board=BOARDS[0])

    return GeneratedProject(once(tmp_path_factory, "stub_project", build) / "project")


@pytest.fixture(params=["QEMU", "port"])
def options(request: pytest.FixtureRequest, project: GeneratedProject) -> Iterator[dict[str, str]]:
    """Of a session with a QEMU that the server starts, and with a port of a board that stays on."""
    if request.param == "QEMU":
        yield {}
        return
    with QemuBoard(project.folder / "build" / "microtvm.elf", BOARDS[0]) as board:
        yield {"port": board.port}


@contextlib.contextmanager
def host_at_work(
    project: GeneratedProject, options: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], int, list[int]]]:
    """A process in the middle of a session, its server, and what that has started."""
    arguments = [sys.executable, "-c", HOST, str(project.folder), json.dumps(options)]
    with (
        adopting_orphans(),
        subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as host,
    ):
        assert host.stdout is not None
        server = int(host.stdout.readline())
        started = children_of(server)
        assert len(started) == (0 if options else 1)
        try:
            yield host, server, started
        finally:
            host.kill()


def check_next_session(project: GeneratedProject, options: dict[str, str]) -> None:
    before = time.monotonic()
    with project.open_session(options=options) as session:
        session.set_input(0, VALUES)
        session.run()
        np.testing.assert_array_equal(session.get_output(), stub_output(VALUES))
    assert time.monotonic() - before < 10.0


def test_the_client_is_killed(project: GeneratedProject, options: dict[str, str]) -> None:
    with host_at_work(project, options) as (host, server, started):
        host.kill()
        host.wait()
        check_next_session(project, options)
        for process in (server, *started):
            assert has_ended(process), f"process {process} lives on"


def test_the_server_is_killed(project: GeneratedProject, options: dict[str, str]) -> None:
    with host_at_work(project, options) as (host, server, started):
        os.kill(server, signal.SIGKILL)
        check_next_session(project, options)
        _, said = host.communicate(timeout=60)
        assert host.returncode == 1
        (last,) = [line for line in said.decode().splitlines() if "ended with exit code -9" in line]
        assert "ProjectServerError: The server of" in last
        for process in started:
            assert has_ended(process), f"process {process} lives on"


def test_a_killed_server_leaves_no_zombie(
    project: GeneratedProject, options: dict[str, str]
) -> None:
    before = set(children_of(os.getpid()))
    with pytest.raises(ProjectServerError, match="exit code -9"), adopting_orphans():
        kill_server_in_session(project, options)
    for process in set(children_of(os.getpid())) - before:
        # QEMU, whose parent was the server: in our place, the system's init waits for it.
        assert options == {}
        assert os.waitpid(process, 0)[1] == signal.SIGKILL


def kill_server_in_session(project: GeneratedProject, options: dict[str, str]) -> None:
    with project.open_session(options=options) as session:
        session.set_input(0, VALUES)
        (server,) = set(children_of(os.getpid())) & servers_of(project)
        os.kill(server, signal.SIGKILL)
        session.run()


def servers_of(project: GeneratedProject) -> set[int]:
    """The processes that run the project's server."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if os.fsencode(project.folder / SERVER_SCRIPT) in path.read_bytes():
                found.add(int(path.parent.name))
    return found

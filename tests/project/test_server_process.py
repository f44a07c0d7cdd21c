# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""The host's hold on a server's process: lines both ways, last words, and no process left."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.servers import write_server

from microtvm.errors import ProjectServerError
from microtvm.project.server_process import ServerProcess, server_command

ECHO = "for line in requests: replies.write(line.upper())\n"


def start(tmp_path: Path, text: str, log: Callable[[str], None] | None = None) -> ServerProcess:
    return ServerProcess(write_server(tmp_path / "server", text), log)


def test_lines_go_out_and_come_back(tmp_path: Path) -> None:
    server = start(tmp_path, ECHO)
    for line in (b"one\n", b"x" * 3_000_000 + b"\n", b"three\n"):
        assert server.exchange(line, 60.0) == line.upper()[:-1]
    server.close()


def test_what_the_server_logs_is_passed_on(tmp_path: Path) -> None:
    lines: list[str] = []
    server = start(tmp_path, "sys.stderr.write('first\\nsecond \\xff\\n')\n" + ECHO, lines.append)
    server.exchange(b"x\n", 60.0)
    server.close()
    assert lines[0] == "first"
    assert lines[1].startswith("second")


def test_a_dead_server_is_told_with_its_last_words(tmp_path: Path) -> None:
    text = "for i in range(99): print('line', i, file=sys.stderr)\nsys.exit(7)\n"
    server = start(tmp_path, text)
    with pytest.raises(ProjectServerError) as caught:
        server.exchange(b"x\n", 60.0)
    server.close()
    first, *words = caught.value.found.splitlines()
    assert first == f"The server of {tmp_path}/server ended with exit code 7; its last words:"
    assert words == [f"    line {i}" for i in range(69, 99)]


def test_a_server_that_dies_between_calls(tmp_path: Path) -> None:
    server = start(tmp_path, "replies.write(requests.readline())\nsys.exit(2)\n")
    server.exchange(b"x\n", 60.0)
    with pytest.raises(ProjectServerError, match="exit code 2"):
        server.exchange(b"x\n", 60.0)
    server.close()


@pytest.mark.parametrize(
    "text",
    [
        "requests.readline()\ntime.sleep(600)\n",
        "requests.readline()\nreplies.write(b'half a li')\ntime.sleep(600)\n",
    ],
)
def test_a_server_that_does_not_answer(tmp_path: Path, text: str) -> None:
    server = start(tmp_path, text)
    with pytest.raises(ProjectServerError, match=r"did not answer within 0\.3 s"):
        server.exchange(b"x\n", 0.3)
    server.close()


def test_a_line_without_end(tmp_path: Path) -> None:
    server = start(tmp_path, "requests.readline()\nwhile True: replies.write(bytes(1 << 20))\n")
    with pytest.raises(ProjectServerError, match="a line of more than"):
        server.exchange(b"x\n", 60.0)
    server.close()


CHILD = """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
replies.write(f"{os.getpid()} {child.pid}\\n".encode())
requests.readline()
"""


@pytest.mark.parametrize("wait", ["requests.readline()", "time.sleep(600)"])
def test_closing_ends_the_server_and_what_it_has_started(tmp_path: Path, wait: str) -> None:
    server = start(tmp_path, CHILD + wait + "\ntime.sleep(600)\n")
    server_id, child_id = (int(word) for word in server.exchange(b"", 60.0).split())
    child = os.pidfd_open(child_id)
    with pytest.raises(ProjectServerError, match="did not answer"):
        server.exchange(b"x\n", 0.1)
    server.close()
    server.close()
    try:
        assert select.select([child], [], [], 20)[0], "the child lives on"
    finally:
        os.close(child)
    with pytest.raises(ProcessLookupError):
        os.kill(server_id, 0)


def test_an_interrupted_call_ends_the_server_at_once(tmp_path: Path) -> None:
    server = start(tmp_path, "requests.readline()\ntime.sleep(600)\n")
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            server.exchange(b"x\n", None)
    finally:
        signal.signal(signal.SIGALRM, before)
    server.close()


def test_a_server_that_ignores_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microtvm.project.server_process._END_TIMEOUT_S", 0.2)
    server = start(tmp_path, "replies.write(b'%d\\n' % os.getpid())\ntime.sleep(600)\n")
    process = int(server.exchange(b"", 60.0))
    server.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_folders_without_a_server(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(ProjectServerError, match="has no Project API server"):
            ServerProcess(folder)


def test_a_template_with_a_launcher(tmp_path: Path) -> None:
    launcher = tmp_path / "launch_microtvm_api_server.sh"
    launcher.write_text("not a program")
    script = str(tmp_path / "microtvm_api_server.py")
    assert server_command(tmp_path) == (str(launcher), script)
    with pytest.raises(ProjectServerError, match="Could not start the server"):
        ServerProcess(tmp_path)


def test_no_file_is_left_open(tmp_path: Path) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    start(tmp_path, ECHO).close()
    assert set(Path("/proc/self/fd").iterdir()) == before

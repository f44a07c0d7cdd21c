# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Programs are run in one place: logged, their last lines kept, ended with us."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from microtvm_project.errors import BuildError, TransportError
from microtvm_project.process import Command, Outcome, output_of, run, run_within
from microtvm_project.toolchain import find_program, has_program, search_path


def python(folder: Path, text: str, **environment: str) -> Command:
    return Command((sys.executable, "-c", text), folder, environment)


def test_the_last_lines_come_back(tmp_path: Path) -> None:
    printed = run(python(tmp_path, "for i in range(100): print(i)")).splitlines()
    assert (printed[0], printed[-1], len(printed)) == ("70", "99", 30)


def test_folder_and_environment(tmp_path: Path) -> None:
    text = "import os; print(os.getcwd(), os.environ['WHAT'], os.environ['HOME'])"
    assert run(python(tmp_path, text, WHAT="a b")) == f"{tmp_path} a b {os.environ['HOME']}"


def test_a_failure_names_the_command_and_tells_its_last_words(tmp_path: Path) -> None:
    text = "import sys; print('out'); sys.stderr.write('err\\n'); sys.exit(3)"
    command = python(tmp_path, text)
    with pytest.raises(BuildError) as caught:
        run(command)
    first, *last = caught.value.found.splitlines()
    assert first == f"A program ended with exit code 3: {command}"
    assert sorted(last) == ["err", "out"]


def test_the_first_errors_are_told_before_the_last_words(tmp_path: Path) -> None:
    text = """
for i in range(9):
    print(f'a.c:{i}: error: number {i}')
for i in range(99):
    print(i, 'x' * 500)
raise SystemExit(1)
"""
    with pytest.raises(BuildError) as caught:
        run(python(tmp_path, text))
    told = caught.value.found[caught.value.found.index("\na.c:") + 1 :].splitlines()
    assert told[:5] == [f"a.c:{i}: error: number {i}" for i in range(5)]
    assert told[5] == "..."
    assert [line.split()[0] for line in told[6:]] == [str(i) for i in range(69, 99)]
    assert max(len(line) for line in told) == 303


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="Could not run /nowhere/x: No such file"):
        run(Command(("/nowhere/x",), tmp_path), error=TransportError)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    text = "import sys; sys.stdout.buffer.write(b'\\xff\\n')"
    assert run(python(tmp_path, text)) == "\ufffd"


def test_a_line_ends_with_a_carriage_return_too(tmp_path: Path) -> None:
    """As progress does, which is no single line of the whole flashing."""
    text = "import sys; sys.stdout.write('10 %\\r20 %\\r\\ndone\\n')"
    assert run(python(tmp_path, text)) == "10 %\n20 %\ndone"
    assert output_of(python(tmp_path, text)) == "10 %\n20 %\ndone\n"


def test_commands_are_logged_quoted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(python(tmp_path, "print('hello')", A="x y"), verbose=True)
        run(python(tmp_path, "print('quiet')"))
    interpreter = shlex.quote(sys.executable)
    assert caplog.messages == [
        f"'A=x y' {interpreter} -c 'print('\"'\"'hello'\"'\"')'",
        "hello",
        f"{interpreter} -c 'print('\"'\"'quiet'\"'\"')'",
    ]


PARENT = """
import sys
import time
from pathlib import Path
from microtvm_project.process import Command, Outcome, run, run_within
text = "import os, time; open('child', 'w').write(str(os.getpid())); time.sleep(600)"
print("started", flush=True)
run(Command((sys.executable, "-c", text), Path(sys.argv[1])))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone tells children")
def test_a_program_ends_with_us(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "child")
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)]) as parent:
        child = int((tmp_path / "child").read_text())
        descriptor = os.pidfd_open(child)
        parent.send_signal(signal.SIGKILL)
    try:
        wait_until_gone(descriptor)
    finally:
        os.close(descriptor)


def wait_until_gone(descriptor: int) -> None:
    """Waits for the process behind a file of its own; fails after a while."""
    import select

    readable, _, _ = select.select([descriptor], [], [], 20)
    assert readable, "the program lives on"


def test_programs_beside_this_python_are_found_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("python", "path"):
        (tmp_path / folder).mkdir()
        for name in ("cmake", "python"):
            (tmp_path / folder / name).write_text("#!/bin/sh\n")
            (tmp_path / folder / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert search_path() == f"{tmp_path}/python:{tmp_path}/path"
    assert find_program("cmake") == f"{tmp_path}/python/cmake"
    (tmp_path / "python" / "cmake").unlink()
    assert find_program("cmake") == f"{tmp_path}/path/cmake"
    assert not has_program("ninja")
    with pytest.raises(BuildError, match="program ninja is not installed"):
        find_program("ninja")


def test_a_program_within_its_time(tmp_path: Path) -> None:
    text = "import sys; print('out'); sys.stderr.buffer.write(b'\\xff'); sys.exit(3)"
    outcome = run_within(python(tmp_path, text), 20.0)
    assert outcome.code == 3
    assert sorted(outcome.text) == sorted("out\n\ufffd")


def test_a_program_beyond_its_time(tmp_path: Path) -> None:
    text = "import time; print('begun', flush=True); time.sleep(60)"
    start = time.monotonic()
    outcome = run_within(python(tmp_path, text), 1.0)
    assert outcome == Outcome(None, "begun\n")
    assert time.monotonic() - start < 20


def test_a_child_that_is_left_behind_does_not_keep_us(tmp_path: Path) -> None:
    text = "import os, time; os.fork() or time.sleep(5); print('x')"
    start = time.monotonic()
    assert run_within(python(tmp_path, text), 20.0).code == 0
    assert time.monotonic() - start < 4


def test_whoever_asked_has_gone(tmp_path: Path) -> None:
    def gone() -> None:
        raise TransportError("gone")

    with pytest.raises(TransportError, match="gone"):
        run_within(python(tmp_path, "import time; time.sleep(60)"), 60.0, gone)


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    for name in ("/nonexistent", "nul\0"):
        with pytest.raises(TransportError, match="Could not run"):
            run_within(Command((name,), tmp_path), 1.0, error=TransportError)

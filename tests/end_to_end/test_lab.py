# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards of a labgrid lab, QEMU in their place: used by name, held, waited for, and freed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from microtvm_project import lab as lab_module
from microtvm_project.boards import find_board
from microtvm_project.errors import BuildError, TransportError
from microtvm_project.lab import find_lab
from microtvm_project.options import OptionValues
from support.archives import ROOT
from support.benchmark_models import model_files
from support.lab import PROGRAMS, Event, Lab, LabBoard, running_lab
from support.lab_run import compare
from support.lab_uses import uses_of

from microtvm.artifact import write_module_tar
from microtvm.compiler import CompileOptions, compile_model
from microtvm.project import GeneratedProject, create_project
from microtvm.resources import boards_dir
from microtvm.target import Target
from microtvm.validate.reference import ReferenceModel

pytestmark = pytest.mark.arm

_MODEL = model_files()[0]
_TAG = "core=m4"
_BOARDS = (
    LabBoard("east-0", "east", tag=_TAG),
    LabBoard("east-1", "east", "mps2_an500", "rfc2217"),
    LabBoard("west-0", "west", protocol="rfc2217", tag=_TAG),
    LabBoard("west-1", "west", "mps2_an500"),
)
_HOLD = """
import sys
from pathlib import Path
from microtvm.project import GeneratedProject
with GeneratedProject(Path(sys.argv[1])).open_session(options={"place": sys.argv[2]}):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), _BOARDS) as lab:
        yield lab


@pytest.fixture
def lab(running: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The lab, used by this process as alice; afterwards nobody holds a place of it."""
    _become_alice(running, monkeypatch)
    yield running
    held = running.holders()
    for name in held:
        running.client("alice", "-p", name, "release", "--kick")
    assert not held


@pytest.fixture(scope="module")
def project(running: Lab, tmp_path_factory: pytest.TempPathFactory) -> GeneratedProject:
    """The digits model, built for the Cortex-M4; east-0 has been flashed with it."""
    folder = tmp_path_factory.mktemp("built")
    options = CompileOptions(target=Target(find_board(boards_dir(), "mps2_an386").cpu))
    write_module_tar(compile_model(_MODEL.read_bytes(), options), folder / "module.tar")
    settings = {"platform": "baremetal", "board": "mps2_an386"}
    project = create_project(folder / "project", folder / "module.tar", settings)
    project.build()
    with pytest.MonkeyPatch.context() as patch:
        _become_alice(running, patch)
        project.flash({"place": "east-0"})
    return project


def _become_alice(lab: Lab, patch: pytest.MonkeyPatch) -> None:
    for name, value in lab.environment("alice").items():
        patch.setenv(name, value)


def _open(project: GeneratedProject, **options: str | int | bool) -> None:
    with project.open_session(options=options):
        pass


def test_flashed_and_run_by_the_name_of_a_place(lab: Lab, project: GeneratedProject) -> None:
    with project.open_session(options={"place": "west-0"}, flash=True) as session:
        assert lab.holders() == {"west-0": "here/alice"}
        compare(session, ReferenceModel(_MODEL.read_bytes()))
    assert not lab.holders()
    assert [use.owner for use in uses_of(lab.events("west-0")[-3:])] == ["alice"]


def test_the_tests_of_hardware_on_a_place(lab: Lab) -> None:
    words = ("tests/hardware", "-m", "hardware", "--board", "mps2_an500", "--place", "east-1")
    environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    done = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", *words, "-k", "digits_int8 or faults"),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout
    assert [use.owner for use in uses_of(lab.events("east-1"))] == ["alice"] * 2


def test_two_runs_at_once_never_use_a_board_at_a_time(lab: Lab, project: GeneratedProject) -> None:
    before = {board.name: len(lab.events(board.name)) for board in _BOARDS}
    wanted = {
        "bob": ("name=east-0", _TAG),
        "carol": (_TAG, "name=east-0"),
    }
    script = str(ROOT / "tests" / "support" / "lab_run.py")
    command = (sys.executable, script, str(_MODEL), str(project.folder))
    with contextlib.ExitStack() as stack:
        runs = []
        for user, filters in wanted.items():
            environment = {**lab.environment(user), "PYTHONPATH": str(ROOT / "tests")}
            run = subprocess.Popen(
                (*command, *filters), env=environment, stdout=subprocess.PIPE, text=True
            )
            runs.append(stack.enter_context(run))
            stack.callback(run.kill)
        for run, filters in zip(runs, wanted.values(), strict=True):
            said, _ = run.communicate(timeout=120)
            assert (run.returncode, tuple(said.split())) == (0, filters)
    uses = {board.name: uses_of(lab.events(board.name)[before[board.name] :]) for board in _BOARDS}
    assert not uses["east-1"] + uses["west-1"]
    east, west = uses["east-0"], uses["west-0"]
    assert sorted(use.owner for use in east + west) == ["bob"] * 2 + ["carol"] * 2
    # They did run at once, each on a board of its own.
    assert any(one.overlaps(other) and one.owner != other.owner for one in east for other in west)


@pytest.mark.parametrize(
    "steps",
    [
        "load bob, connect bob, load carol, disconnect bob",
        "load bob, connect carol, disconnect carol",
        "load bob, connect bob, connect carol, disconnect bob, disconnect carol",
        "load bob, load carol, connect bob, disconnect bob",
        "connect bob, disconnect bob, load bob",
    ],
)
def test_a_board_used_twice_at_a_time_is_seen(steps: str) -> None:
    pairs = [step.split() for step in steps.split(", ")]
    events = [Event(float(i), event, owner, 1) for i, (event, owner) in enumerate(pairs)]
    with pytest.raises(ValueError, match="not one use"):
        uses_of(events)


def test_a_place_that_another_holds(lab: Lab, project: GeneratedProject) -> None:
    lab.client("bob", "-p", "east-0", "acquire")
    with pytest.raises(TransportError) as caught:
        _open(project, place="east-0")
    today = time.strftime("%Y-%m-%d")
    assert caught.value.found.startswith(f"Place east-0 is held by here/bob since {today} ")
    assert "board_timeout=SECONDS" in caught.value.hint
    with pytest.raises(TransportError, match="held by here/bob"):
        project.flash({"place": "east-0"})
    _, kick = caught.value.hint.split("if its holder is gone, ")
    subprocess.run(kick, shell=True, check=True)
    _open(project, place="east-0")


def test_a_place_is_waited_for(lab: Lab, project: GeneratedProject) -> None:
    lab.client("bob", "-p", "east-0", "acquire")
    with pytest.raises(TransportError, match="held by here/bob"):
        _open(project, place="east-0", board_timeout=1)
    timer = threading.Timer(1.0, lab.client, ("bob", "-p", "east-0", "release"))
    timer.start()
    _open(project, place="east-0", board_timeout=60)
    timer.join()


def test_a_place_acquired_by_hand(lab: Lab, project: GeneratedProject) -> None:
    with pytest.raises(TransportError, match="east-0 is held by nobody"):
        _open(project, place="east-0", place_held=True)
    lab.client("alice", "-p", "east-0", "acquire")
    project.flash({"place": "east-0", "place_held": True})
    _open(project, place="east-0", place_held=True)
    assert lab.holders() == {"east-0": "here/alice"}
    with pytest.raises(TransportError, match=r"east-0 is held by yourself, here/alice, since 20"):
        _open(project, place="east-0")
    lab.client("alice", "-p", "east-0", "release")


def test_a_place_reserved_by_another(lab: Lab, project: GeneratedProject) -> None:
    said = lab.client("bob", "reserve", "--wait", "--shell", "name=east-0")
    token = said.strip().partition("=")[2]
    with pytest.raises(TransportError, match=f"east-0 is reserved by somebody else .*{token}"):
        _open(project, place="east-0")
    lab.client("bob", "cancel-reservation", token)


@pytest.mark.parametrize("all_of_them", [False, True], ids=["run", "host"])
def test_a_holder_is_killed(all_of_them: bool, lab: Lab, project: GeneratedProject) -> None:
    """A run that is killed with its server frees the place; a host that goes leaves it held."""
    with subprocess.Popen(
        (sys.executable, "-c", _HOLD, str(project.folder), "east-0"),
        env=lab.environment("dave"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"open\n"
        for process, command in _processes_of("dave").items():
            if all_of_them or "place_keeper" not in command:
                os.kill(process, signal.SIGKILL)
    if all_of_them:
        with pytest.raises(TransportError, match="east-0 is held by here/dave") as caught:
            _open(project, place="east-0")
        assert "-p east-0 release --kick" in caught.value.hint
        lab.client("alice", "-p", "east-0", "release", "--kick")
    _open(project, place="east-0", board_timeout=20)
    assert not _processes_of("dave")


def _processes_of(user: str) -> dict[int, str]:
    """The processes that use the lab as a user, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"\0LG_USERNAME={user}\0" in (folder / "environ").read_text():
                found[int(folder.name)] = (folder / "cmdline").read_text()
    return found


def test_no_such_place(lab: Lab, project: GeneratedProject) -> None:
    with pytest.raises(TransportError, match="place pattern north-7 matches nothing"):
        _open(project, place="north-7")


def test_no_driver_for_the_place(
    lab: Lab, project: GeneratedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LG_ENV")
    with pytest.raises(BuildError, match="unknown resource class QemuBoard") as caught:
        project.flash({"place": "east-0"})
    assert caught.value.expected == "a bootstrap driver for east-0 in LG_ENV, which is not set"


def test_a_coordinator_that_is_not_there(project: GeneratedProject, running: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    path = os.pathsep.join((os.environ["PATH"], str(PROGRAMS)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)
        start = time.monotonic()
        with pytest.raises(TransportError) as caught:
            _open(project, place="east-0", coordinator=address)
    assert caught.value.found == f"No labgrid coordinator answers at {address}"
    assert time.monotonic() - start < 10


def test_a_coordinator_that_is_silent(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_module, "CALL_TIMEOUT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        silent = find_lab(OptionValues({"coordinator": address}))
        with pytest.raises(TransportError, match=f"answers at {address} within 1 s"):
            silent.show("east-0", lambda: None)

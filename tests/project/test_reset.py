# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Sessions begin with a board that has just started: by its program, by its probe, or as it is."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.baremetal import BOARDS
from support.cmake_builds import once
from support.firmware_models import stub_output
from support.host_firmware import model_folder
from support.projects import build_stub
from support.qemu_board import QemuBoard

from microtvm.errors import BuildError, SessionError, TransportError, TransportTimeoutError
from microtvm.project import GeneratedProject
from microtvm.project.transport import ProjectTransport
from microtvm.session import Patience, Session, read_metadata

pytestmark = pytest.mark.arm

VALUES = np.array([[-128, -1, 0, 1, 50, 100, 127, 90]], np.int8)

# For boards that do not answer at all.
QUICK = Patience(reply_s=0.1, attempts=5, total_s=5.0)

PYOCD = """\
#!/bin/sh
echo "pyocd $*" >> {log}
[ -z "$PROBE_FAILS" ] || {{ echo "no probe found"; exit 3; }}
touch {pressed}
while [ -e {pressed} ]; do sleep 0.01; done
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> GeneratedProject:
    """A project whose board has a probe: QEMU plays the board alone."""

    def build(folder: Path) -> None:
        project = build_stub(folder / "project", board=BOARDS[0])
        data = project.folder / "boards" / BOARDS[0] / "board.toml"
        flash = '[flash]\nrunners = ["pyocd", "linkserver"]\n\n'
        data.write_text(re.sub(r"\[qemu\]\n(.+\n)+\n", flash, data.read_text()))

    return GeneratedProject(once(tmp_path_factory, "probed_project", build) / "project")


@pytest.fixture
def board(built: GeneratedProject) -> Iterator[QemuBoard]:
    """Stays on from one session to the next."""
    with QemuBoard(built.folder / "build" / "microtvm.elf", BOARDS[0]) as board:
        yield board


class Probe:
    """A program pyocd that notes what it is told, and whose reset presses the board's button."""

    def __init__(self, folder: Path, board: QemuBoard) -> None:
        self._log, self._pressed = folder / "log", folder / "pressed"
        program = folder / "bin" / "pyocd"
        program.parent.mkdir()
        program.write_text(PYOCD.format(log=self._log, pressed=self._pressed))
        program.chmod(0o755)
        self.path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
        self._board = board
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def told(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def _serve(self) -> None:
        while not self._ended.wait(0.01):
            if self._pressed.exists():
                self._board.press_reset()
                self._board.resume()
                self._pressed.unlink()


@pytest.fixture
def probe(tmp_path: Path, board: QemuBoard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    probe = Probe(tmp_path, board)
    monkeypatch.setenv("PATH", probe.path)
    yield probe
    probe.close()


def impatient(built: GeneratedProject, **options: str) -> Session:
    metadata = read_metadata(model_folder("stub") / "metadata.json")
    return Session(ProjectTransport(built.folder, options), metadata, quick=QUICK)


def check_run(session: Session) -> None:
    session.set_input(0, VALUES)
    session.run()
    np.testing.assert_array_equal(session.get_output(), stub_output(VALUES))


def test_a_board_that_answers_is_started_by_its_program(
    built: GeneratedProject, board: QemuBoard, probe: Probe
) -> None:
    starts = []
    for _ in range(2):
        with built.open_session(options={"port": board.port}) as session:
            starts.append(session.device_info().starts)
            with pytest.raises(SessionError, match="NOT_RUN"):
                session.profile()
            check_run(session)
    assert starts[1] == starts[0] + 1
    assert probe.told() == []


def test_a_board_as_it_is(built: GeneratedProject, board: QemuBoard, probe: Probe) -> None:
    options = {"port": board.port, "reset": "none"}
    with built.open_session(options=options) as session:
        starts = session.device_info().starts
        check_run(session)
    with built.open_session(options=options) as session:
        assert session.device_info().starts == starts
        np.testing.assert_array_equal(session.get_output(), stub_output(VALUES))
    assert probe.told() == []


def test_a_board_that_does_not_answer_is_started_by_its_probe(
    built: GeneratedProject, board: QemuBoard, probe: Probe
) -> None:
    board.pause()
    with impatient(built, port=board.port, serial_number="0667FF") as session:
        check_run(session)
    assert probe.told() == ["pyocd reset -u 0667FF"]


def test_the_probe_where_it_is_asked_for(
    built: GeneratedProject, board: QemuBoard, probe: Probe
) -> None:
    options = {"port": board.port, "reset": "probe"}
    with built.open_session(options=options) as session:
        assert session.device_info().starts == 2
        check_run(session)
    assert probe.told() == ["pyocd reset"]


def test_a_probe_that_fails_is_told(
    built: GeneratedProject, board: QemuBoard, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_FAILS", "1")
    with pytest.raises(BuildError, match=r"exit code 3: pyocd reset\nno probe found"):
        built.open_session(options={"port": board.port, "reset": "probe"}).__enter__()
    board.pause()
    with pytest.raises(TransportTimeoutError, match="did not answer DEVICE_INFO") as caught:
        impatient(built, port=board.port).__enter__()
    assert "no probe found" in caught.value.hint


def test_a_runner_that_cannot_reset_is_told(built: GeneratedProject, board: QemuBoard) -> None:
    options = {"port": board.port, "reset": "probe", "runner": "linkserver"}
    with pytest.raises(BuildError, match="'linkserver' cannot reset a board"):
        built.open_session(options=options).__enter__()


def test_a_session_with_qemu_is_not_reset(tmp_path: Path) -> None:
    """It has just started, and says so."""
    build_stub(tmp_path / "project", board=BOARDS[0])
    project = GeneratedProject(tmp_path / "project")
    with project.open_session() as session:
        assert session.device_info().starts == 1
        check_run(session)
    transport = ProjectTransport(project.folder, {})
    transport.open()
    with pytest.raises(TransportError, match="QEMU has no probe"):
        transport.reset()
    transport.close()

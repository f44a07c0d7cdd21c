# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""One process at a time uses a board: locks that are held, waited for, killed with their holder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from microtvm_project import board_lock, handler
from microtvm_project.board_lock import BoardLocks, lock_folder
from microtvm_project.boards import find_board
from microtvm_project.builder import Project
from microtvm_project.errors import BoardInUseError, TransportError
from microtvm_project.handler import Handler
from microtvm_project.layout import find_layout
from support.archives import ROOT

BOARD = "nucleo_l4r5zi"
# Takes the lock, says so, and holds it until it is killed.
HOLDER = """\
import sys, time
from pathlib import Path
from microtvm_project.board_lock import BoardLocks
locks = BoardLocks(Path(sys.argv[1]))
locks.take("nucleo_l4r5zi", ["serial number 1"], 0)
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "locks"


def test_a_board_has_one_user_at_a_time(folder: Path) -> None:
    first, second = BoardLocks(folder), BoardLocks(folder)
    first.take(BOARD, ["serial number 1"], 0)
    first.take(BOARD, ["serial number 1"], 0)
    with pytest.raises(BoardInUseError) as caught:
        second.take(BOARD, ["serial number 1"], 0)
    assert f"Board {BOARD} (serial number 1) is used by process {os.getpid()} " in str(caught.value)
    assert " since 2" in caught.value.found
    assert "board_timeout=" in caught.value.hint
    second.take(BOARD, ["serial number 2"], 0)
    first.release()
    second.take(BOARD, ["serial number 1"], 0)
    second.release()


def test_names_that_differ_in_their_start_alone_are_two(folder: Path) -> None:
    BoardLocks(folder).take(BOARD, ["port /dev/serial/by-id/a/" + "x" * 300], 0)
    BoardLocks(folder).take(BOARD, ["port /dev/serial/by-id/b/" + "x" * 300], 0)


def test_all_names_of_a_board_are_taken_or_none(folder: Path) -> None:
    first, second, third = (BoardLocks(folder) for _ in range(3))
    first.take(BOARD, ["serial number 1"], 0)
    with pytest.raises(BoardInUseError):
        second.take(BOARD, ["port /dev/ttyACM0", "serial number 1"], 0)
    third.take(BOARD, ["port /dev/ttyACM0"], 0)


def test_a_board_is_waited_for(folder: Path) -> None:
    first, second = BoardLocks(folder), BoardLocks(folder)
    first.take(BOARD, ["serial number 1"], 0)
    timer = threading.Timer(0.3, first.release)
    timer.start()
    second.take(BOARD, ["serial number 1"], 60)
    timer.join()


def test_a_wait_ends_when_nobody_waits_any_more(folder: Path) -> None:
    first = BoardLocks(folder)
    first.take(BOARD, ["serial number 1"], 0)

    def gone() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        BoardLocks(folder, gone).take(BOARD, ["serial number 1"], 60)


def test_a_lock_goes_with_its_process(folder: Path) -> None:
    words = [sys.executable, "-c", HOLDER, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "template_project")}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(BoardInUseError, match=f"process {holder.pid} "):
                BoardLocks(folder).take(BOARD, ["serial number 1"], 0)
        finally:
            holder.kill()
    BoardLocks(folder).take(BOARD, ["serial number 1"], 0)


@pytest.mark.parametrize("note", ["", "[]", "{", "7", '{"process": 1}', "\0" * 5000])
def test_a_note_that_cannot_be_read(folder: Path, note: str) -> None:
    BoardLocks(folder).take(BOARD, ["serial number 1"], 0)
    (file,) = folder.iterdir()
    file.write_text(note)
    with pytest.raises(BoardInUseError, match="used by another process"):
        BoardLocks(folder).take(BOARD, ["serial number 1"], 0)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("link", "open"):
        with pytest.raises(TransportError, match="not this user's own folder"):
            BoardLocks(tmp_path / name).take(BOARD, ["serial number 1"], 0)
    with pytest.raises(TransportError, match="cannot be kept in"):
        BoardLocks(tmp_path / "no" / "such").take(BOARD, ["serial number 1"], 0)
    assert list((tmp_path / "real").iterdir()) == []


def test_where_locks_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lock_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "microtvm"
    monkeypatch.setattr(board_lock.os, "access", lambda path, mode: path.startswith("/run/user/"))
    assert lock_folder({"XDG_RUNTIME_DIR": "/no"}) == Path(f"/run/user/{os.getuid()}/microtvm")
    monkeypatch.setattr(board_lock.os, "access", lambda path, mode: False)
    assert lock_folder({}) == Path(f"/tmp/microtvm-{os.getuid()}")


@pytest.fixture
def flashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The serial numbers of what servers of this process flash; nothing is flashed."""
    project = Project(tmp_path, None, find_board(ROOT / "boards", BOARD))  # type: ignore[arg-type]
    numbers: list[str] = []

    def flash(project: Project, values: Any, _: object) -> None:
        numbers.append(values.text("serial_number"))

    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(handler, "flash_project", flash)
    monkeypatch.setattr(Handler, "_project", lambda server: project)
    return numbers


def test_a_board_is_not_flashed_while_another_server_uses_it(flashed: list[str]) -> None:
    first, second = (Handler(find_layout(ROOT / "template_project"), lambda: None) for _ in "12")
    first.flash({"serial_number": "1"})
    with pytest.raises(BoardInUseError):
        second.flash({"serial_number": "1"})
    second.flash({"serial_number": "2"})
    second.flash({"serial_number": "1", "dry_run": "true"})
    second.flash({"serial_number": "1", "place": "elsewhere"})
    assert flashed == ["1", "2", "1", "1"]
    first.close_transport()
    second.flash({"serial_number": "1"})


def test_a_board_is_kept_from_its_flashing_to_its_opening(
    flashed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (Handler(find_layout(ROOT / "template_project"), lambda: None) for _ in "12")

    class Finder:
        """Looks for the port while another server tries to flash."""

        def __init__(self, *_: object) -> None:
            pass

        def find(self) -> str:
            with pytest.raises(BoardInUseError):
                second.flash({"serial_number": "1"})
            raise TransportError("no port")

    monkeypatch.setattr(handler.ports, "PortFinder", Finder)
    first.flash({"serial_number": "1"})
    with pytest.raises(TransportError, match="no port"):
        first.open_transport({"serial_number": "1"})
    assert flashed == ["1"]


def test_a_port_that_cannot_be_opened_gives_the_board_back(
    flashed: list[str], tmp_path: Path
) -> None:
    first, second = (Handler(find_layout(ROOT / "template_project"), lambda: None) for _ in "12")
    first.flash({"serial_number": "1"})
    with pytest.raises(TransportError, match="Cannot open"):
        first.open_transport({"serial_number": "1", "port": str(tmp_path / "no")})
    second.flash({"serial_number": "1"})


@pytest.fixture
def orphan(folder: Path) -> BoardLocks:
    """Locks of one whose client is gone."""
    with subprocess.Popen([sys.executable, "-c", ""]) as client:
        pass
    locks = BoardLocks(folder)
    locks.take(BOARD, ["serial number 1"], 0)
    (file,) = folder.iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "parent": client.pid}))
    return locks


def test_a_holder_whose_client_was_killed_is_waited_for(folder: Path, orphan: BoardLocks) -> None:
    ending = threading.Timer(0.3, orphan.release)
    ending.start()
    locks = BoardLocks(folder)
    locks.take(BOARD, ["serial number 1"], 0)
    ending.join()
    locks.release()


def test_such_a_holder_that_does_not_end_is_told(folder: Path, orphan: BoardLocks) -> None:
    with pytest.raises(BoardInUseError, match="is used by process"):
        BoardLocks(folder).take(BOARD, ["serial number 1"], 0)
    orphan.release()

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""labgrid-client as a program: its command lines, what it may do to us, and holding a place."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from microtvm_project import lab as lab_module
from microtvm_project import place_flash
from microtvm_project.errors import BuildError, OptionError, TransportClosedError, TransportError
from microtvm_project.held_place import HeldPlace
from microtvm_project.lab import Lab, PlaceChoice, chosen_place, find_lab, last_words
from microtvm_project.options import FLASH, OPEN, OptionValues, convert_options, option_rows
from microtvm_project.place_flash import flash_place

NONE = OptionValues({})
SHOWN = "Place 'a':\\n  acquired: there/bob\\n  changed: 2026-01-02 03:04:05.6\\n"
# Notes its arguments; the place is there for whoever wants it.
WILLING = """
echo "$LG_ENV" "$@" >>{folder}/calls
case "$5" in acquire) echo "acquired place a-1" ;; esac
"""


def nothing() -> None:
    pass


@contextlib.contextmanager
def hold_place(lab: Lab, choice: PlaceChoice, check: Callable[[], None]) -> Iterator[str]:
    with HeldPlace(check) as held:
        yield held.take(lab, choice)


def flash(lab: Lab, choice: PlaceChoice, options: OptionValues = NONE) -> None:
    with HeldPlace() as held:
        flash_place(held, lab, choice, Path("x.elf"), options)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Lab]:
    """Puts a shell script in the place of labgrid-client."""
    monkeypatch.setenv("LG_HOSTNAME", "here")
    monkeypatch.setenv("LG_USERNAME", "alice")
    monkeypatch.setenv("LG_ENV", "lab.yaml")

    def write(text: str) -> Lab:
        folder = tmp_path / "a b"
        folder.mkdir()
        path = folder / "labgrid-client"
        path.write_text("#!/bin/sh\n" + text.replace("{folder}", str(tmp_path)))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return find_lab(OptionValues({"coordinator": "lab:1"}))

    return write


def calls(folder: Path, count: int) -> list[str]:
    """What the script was called with, once it was called so often."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        lines = (folder / "calls").read_text().splitlines() if (folder / "calls").exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.02)
    raise AssertionError(lines)


def test_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TransportError, match="labgrid-client is not installed") as caught:
        find_lab(NONE)
    assert caught.value.hint.startswith("pipx install 'labgrid>=25,<27'")


def test_which_coordinator(client: Callable[[str], Lab], monkeypatch: pytest.MonkeyPatch) -> None:
    assert client("").address == "lab:1"
    monkeypatch.delenv("LG_COORDINATOR", raising=False)
    assert find_lab(NONE).address == "127.0.0.1:20408"
    monkeypatch.setenv("LG_COORDINATOR", "lab:2")
    assert find_lab(NONE).address == "lab:2"
    assert find_lab(OptionValues({"coordinator": "lab:3"})).address == "lab:3"


def test_which_place() -> None:
    rows = option_rows([])
    given = {"place": "a", "port": "x", "place_held": "true", "board_timeout": "3", "erase": "true"}
    assert chosen_place(convert_options(rows, OPEN, {})) is None
    assert chosen_place(convert_options(rows, OPEN, given)) == PlaceChoice("a", "x", True, 3)
    for other in ({"runner": "jlink"}, {"serial_number": "1"}, {"erase": "true"}):
        with pytest.raises(OptionError, match="do not go together"):
            chosen_place(convert_options(rows, FLASH, {"place": "a", **other}))


def test_held_while_it_is_used(client: Callable[[str], Lab], tmp_path: Path) -> None:
    with hold_place(client(WILLING), PlaceChoice("+TOKEN"), nothing) as name:
        assert name == "a-1"
        time.sleep(0.5)
        assert calls(tmp_path, 1) == [" -x lab:1 -p +TOKEN acquire"]
    assert calls(tmp_path, 2)[1:] == [" -x lab:1 -p a-1 release-from here/alice"]


def test_kept_from_one_use_to_the_next(client: Callable[[str], Lab], tmp_path: Path) -> None:
    lab = client(WILLING)
    with HeldPlace() as held:
        assert held.take(lab, PlaceChoice("a")) == "a-1"
        assert held.take(lab, PlaceChoice("a", port="trace", timeout_s=5)) == "a-1"
        assert len(calls(tmp_path, 1)) == 1
        held.take(lab, PlaceChoice("b"))
        told = [" -x lab:1 -p a acquire", " -x lab:1 -p a-1 release-from here/alice"]
        assert calls(tmp_path, 3) == [*told, " -x lab:1 -p b acquire"]


def test_released_after_an_error(client: Callable[[str], Lab], tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold_place(client(WILLING), PlaceChoice("a"), nothing):
        raise ZeroDivisionError
    assert calls(tmp_path, 2)[1:] == [" -x lab:1 -p a-1 release-from here/alice"]


@pytest.mark.parametrize("when", ["while it is acquired", "while it is held"])
def test_released_when_we_are_killed(
    when: str, client: Callable[[str], Lab], tmp_path: Path
) -> None:
    slow = "sleep 0.5\n" if when == "while it is acquired" else ""
    lab = client(f'case "$5" in acquire) echo x >{{folder}}/begun; {slow};; esac\n{WILLING}')
    text = f"""
import sys
from microtvm_project.held_place import HeldPlace
from microtvm_project.lab import Lab, PlaceChoice
held = HeldPlace()
held.take(Lab({lab.program!r}, "lab:1"), PlaceChoice("a"))
sys.stdin.read()
"""
    command = (sys.executable, "-c", text)
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        while not (tmp_path / ("begun" if slow else "calls")).exists():
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    assert calls(tmp_path, 2)[1:] == [" -x lab:1 -p a-1 release-from here/alice"]


def test_the_client_goes_while_a_place_is_acquired(
    client: Callable[[str], Lab], tmp_path: Path
) -> None:
    def gone() -> None:
        raise TransportClosedError("The client has gone")

    lab = client("sleep 1\n" + WILLING)
    with pytest.raises(TransportClosedError), hold_place(lab, PlaceChoice("a"), gone):
        pass
    assert calls(tmp_path, 2)[1:] == [" -x lab:1 -p a-1 release-from here/alice"]


def test_a_place_that_cannot_be_released(
    client: Callable[[str], Lab], caplog: pytest.LogCaptureFixture
) -> None:
    lab = client('case "$5" in acquire) echo "acquired place a" ;; *) exit 1 ;; esac')
    with hold_place(lab, PlaceChoice("a"), nothing):
        pass
    assert caplog.messages == [
        "Place a may still be held; LG_ENV= labgrid-client -x lab:1 -p a release --kick frees it"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("exit 0", "cannot use place a: it said nothing"),
        ("exit 3", "cannot use place a: it said nothing"),
        ("echo 'acquired place '", "cannot use place a: acquired place"),
        ("echo acquired place a; exit 1", "cannot use place a: acquired place a"),
        ("printf '\\033[31mred\\377\\000\\n'; exit 1", "cannot use place a: \\[31mred�$"),
        ("yes | head -c 3000000; exit 1", "cannot use place a: y; y; y; y$"),
        ("yes | head -c 3000000 | tr -d '\\n'; exit 1", "cannot use place a: y{300}$"),
        ("echo Error: Could not connect to coordinator; exit 1", "No labgrid coordinator answers"),
        ("kill -9 $$", "cannot use place a"),
        (f"echo already acquired; printf '{SHOWN}'; exit 1", "cannot use place a"),
        (
            f'case $5 in show) printf "{SHOWN}" ;; *) echo already acquired; exit 1 ;; esac',
            "Place a is held by there/bob since 2026-01-02 03:04:05$",
        ),
        (
            f'case $5 in show) printf "{SHOWN}" ;; *) echo is not idle; exit 1 ;; esac',
            "Place a is held by there/bob since 2026-01-02 03:04:05$",
        ),
    ],
)
def test_whatever_it_says_is_one_error(text: str, found: str, client: Callable[[str], Lab]) -> None:
    start = time.monotonic()
    lab = client(text)
    with pytest.raises(TransportError) as caught, hold_place(lab, PlaceChoice("a"), nothing):
        pass
    assert re.search(found, caught.value.found.splitlines()[0])
    assert time.monotonic() - start < 20


def test_a_program_that_hangs(
    client: Callable[[str], Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_module, "CALL_TIMEOUT_S", 0.5)
    lab = client("sleep 60")
    start = time.monotonic()
    with pytest.raises(TransportError, match=r"answers at lab:1 within 0\.5 s"):
        lab.show("a", nothing)
    assert time.monotonic() - start < 10


def test_the_commands_of_a_dry_run(
    client: Callable[[str], Lab], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    lab = client("touch {folder}/ran")
    dry = OptionValues({"dry_run": True})
    flash(lab, PlaceChoice("a"), dry)
    alone = f"LG_ENV= LG_INITIAL_STATE= LG_STATE= '{lab.program}' -x lab:1 -p a"
    load = f"Would run: '{lab.program}' -x lab:1 -p a bootstrap x.elf"
    assert caplog.messages == [
        f"Would run: {alone} acquire",
        load,
        f"Would run: {alone} release-from here/alice",
    ]
    caplog.clear()
    flash(lab, PlaceChoice("a", held=True), dry)
    assert caplog.messages == [load]
    assert not (tmp_path / "ran").exists()


def test_flashed_with_the_drivers_of_the_environment(
    client: Callable[[str], Lab], tmp_path: Path
) -> None:
    flash(client(WILLING), PlaceChoice("a"))
    assert calls(tmp_path, 3)[1] == "lab.yaml -x lab:1 -p a-1 bootstrap x.elf"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo no such probe; exit 1", "could not load the image at place a-1: no such probe"),
        ("sleep 60", "did not end within 0.5 s"),
    ],
)
def test_a_driver_that_fails(
    text: str,
    found: str,
    client: Callable[[str], Lab],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place_flash, "FLASH_TIMEOUT_S", 0.5)
    lab = client(f'{WILLING}\ncase "$5" in bootstrap) {text} ;; esac')
    with pytest.raises(BuildError, match=found):
        flash(lab, PlaceChoice("a"))
    assert calls(tmp_path, 3)[2] == " -x lab:1 -p a-1 release-from here/alice"


def test_last_words() -> None:
    assert last_words("a\n\n b \x1b[1m\n" + "c" * 999 + "\nd\ne\n") == f"b [1m; {'c' * 300}; d; e"
    assert last_words(" \n\x07\n") == "it said nothing"

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""A labgrid lab on this machine: a coordinator, exporters, and QEMU in the place of boards."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from microtvm_project.process import end_with_parent

from support.archives import ROOT

PROGRAMS = ROOT / ".venv" / "labgrid" / "bin"
_SUPPORT = Path(__file__).resolve().parent
_READY_S = 60.0


@dataclass(frozen=True)
class LabBoard:
    """A board of the lab, which is a place of the same name.

    Attributes:
        exporter: on which it is.
        board: which board QEMU plays.
        protocol: of its serial port, raw or rfc2217.
        tag: of its place, as NAME=VALUE, or "".
    """

    name: str
    exporter: str
    board: str = "mps2_an386"
    protocol: str = "raw"
    tag: str = ""


@dataclass(frozen=True)
class Event:
    """What happened at a board: load, connect or disconnect, at which second, and by whom."""

    time: float
    event: str
    owner: str
    number: int


class Lab:
    """A lab that runs.

    Attributes:
        folder: with a log of each process and of each board.
        address: of the coordinator.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address

    def environment(self, user: str) -> dict[str, str]:
        """The environment of a process that uses the lab as a user of that name."""
        return {
            **os.environ,
            "PATH": f"{os.environ['PATH']}{os.pathsep}{PROGRAMS}",
            "LG_COORDINATOR": self.address,
            "LG_ENV": str(self.folder / "environment.yaml"),
            "LG_HOSTNAME": "here",
            "LG_USERNAME": user,
        }

    def client(self, user: str, *words: str) -> str:
        """What labgrid-client prints for a user who types these words."""
        done = subprocess.run(
            [PROGRAMS / "labgrid-client", *words],
            env={**self.environment(user), "LG_ENV": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def holders(self) -> dict[str, str]:
        """Who holds which place, as HOST/USER; places that nobody holds are not in it."""
        rows = [row.split() for row in self.client("observer", "who").splitlines()]
        return {row[2]: f"{row[1]}/{row[0]}" for row in rows[1:]}

    def events(self, board: str) -> list[Event]:
        """What has happened at a board so far."""
        log = self.folder / f"{board}.jsonl"
        lines = log.read_text().splitlines() if log.exists() else []
        return [Event(**json.loads(line)) for line in lines]


@contextlib.contextmanager
def running_lab(folder: Path, boards: tuple[LabBoard, ...]) -> Iterator[Lab]:
    """The lab, with a place for each board; all its processes end with the context or with us."""
    with contextlib.ExitStack() as stack:
        ports = {board: _start_board(stack, folder, board) for board in boards}
        coordinator = (PROGRAMS / "labgrid-coordinator", "-l", "127.0.0.1:0")
        said = _start(stack, folder, "coordinator", coordinator, "listening on ")
        lab = Lab(folder, said.split()[-1])
        for exporter in sorted({board.exporter for board in boards}):
            _start_exporter(stack, lab, exporter, ports)
        _write_environment(folder, boards)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda board: _make_place(lab, board), boards))
        yield lab


def _start_board(stack: contextlib.ExitStack, folder: Path, board: LabBoard) -> list[int]:
    log = folder / f"{board.name}.jsonl"
    script = str(_SUPPORT / "lab_board.py")
    command = (sys.executable, script, board.board, board.protocol, str(log))
    paths = {"PYTHONPATH": str(ROOT / "template_project")}
    return list(json.loads(_start(stack, folder, board.name, command, "[", paths)))


def _start_exporter(
    stack: contextlib.ExitStack, lab: Lab, exporter: str, ports: Mapping[LabBoard, list[int]]
) -> None:
    resources = {
        board.name: {
            "NetworkSerialPort": {
                "host": "127.0.0.1",
                "port": console,
                "speed": 115200,
                "protocol": board.protocol,
            },
            "QemuBoard": {"host": "127.0.0.1", "port": images},
        }
        for board, (console, images) in ports.items()
        if board.exporter == exporter
    }
    file = lab.folder / f"{exporter}.yaml"
    file.write_text(json.dumps(resources, indent=1))
    program = PROGRAMS / "labgrid-exporter"
    command = (program, "-c", lab.address, "-n", exporter, "--hostname", "127.0.0.1", file)
    _start(stack, lab.folder, f"exporter-{exporter}", command, "Exporter ready")


def _write_environment(folder: Path, boards: tuple[LabBoard, ...]) -> None:
    """The file that LG_ENV names; JSON is YAML too."""
    targets = {
        board.name: {
            "resources": {"RemotePlace": {"name": board.name}},
            "drivers": {"QemuBoardDriver": {}},
        }
        for board in boards
    }
    values = {"targets": targets, "imports": [str(_SUPPORT / "lab_driver.py")]}
    (folder / "environment.yaml").write_text(json.dumps(values, indent=1))


def _make_place(lab: Lab, board: LabBoard) -> None:
    lab.client("admin", "-p", board.name, "create")
    lab.client("admin", "-p", board.name, "add-match", f"{board.exporter}/{board.name}/*")
    if board.tag:
        lab.client("admin", "-p", board.name, "set-tags", board.tag)


def _start(
    stack: contextlib.ExitStack,
    folder: Path,
    name: str,
    command: tuple[str | Path, ...],
    ready: str,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Starts a process, and waits for the line that says it is ready."""
    log = folder / f"{name}.log"
    work = folder / f"{name}.d"
    work.mkdir()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=work,
            env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent(),
        )
    stack.callback(process.wait)
    stack.callback(process.kill)
    end = time.monotonic() + _READY_S
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(errors="replace").splitlines(keepends=True):
            if line.startswith(ready) and line.endswith("\n"):
                return line
        time.sleep(0.05)
    raise RuntimeError(f"{name} is not ready: {log.read_text(errors='replace')[-2000:]}")

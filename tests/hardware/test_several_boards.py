# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Several boards at once, each QEMU behind a port: used by threads, and by rival processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.benchmark_models import model_files
from support.cmake_builds import ROOT
from support.hardware import contender
from support.hardware.attached import BOARD, attached_board
from support.hardware.usb_ports import list_usb_ports

from microtvm.cli.main import main
from microtvm.errors import BoardInUseError
from microtvm.project.project import GeneratedProject
from microtvm.validate.reference import ReferenceModel

pytestmark = pytest.mark.arm

MODEL = model_files()[0]
BOARDS = 3
PROCESSES = 8
ROUNDS = 2


@pytest.fixture
def ports(
    digits: GeneratedProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """The ports of three boards with the digits firmware, and locks of this test alone."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    image = digits.info().image(digits.folder)
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(attached_board(BOARD, image)) for _ in range(BOARDS)]


def expected_output(value: int) -> bytes:
    reference = ReferenceModel(MODEL.read_bytes())
    tensors = reference.run([np.full((1, 8, 8, 1), value, np.int8)])
    return tensors[reference.outputs[0].index].tobytes()


def test_threads_of_one_process(digits: GeneratedProject, ports: list[str]) -> None:
    def use(port: str) -> list[bytes]:
        outputs = []
        with digits.open_session(options={"port": port}) as session:
            for value in range(10):
                session.set_input(0, np.full((1, 8, 8, 1), value, np.int8))
                session.run()
                outputs.append(session.get_output(0).tobytes())
        return outputs

    with ThreadPoolExecutor(BOARDS) as threads:
        outputs = list(threads.map(use, ports))
    assert outputs == [[expected_output(value) for value in range(10)]] * BOARDS


def test_a_board_in_use_is_refused_and_waited_for(
    digits: GeneratedProject, ports: list[str]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        with digits.open_session(options={"port": ports[0]}):
            with pytest.raises(
                BoardInUseError, match=rf"used by process \d+ \(started by {os.getpid()}\)"
            ):
                digits.open_session(options={"port": ports[0]}).__enter__()
            waiting = digits.open_session(options={"port": ports[0], "board_timeout": "60"})
            entered = threads.submit(waiting.__enter__)
        with entered.result(60) as session:
            assert session.device_info().board == BOARD


@pytest.fixture
def numbered(
    digits: GeneratedProject, ports: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> GeneratedProject:
    """The project for boards that QEMU does not play; theirs have the serial numbers A, B and C."""
    list_usb_ports(dict(zip("ABC", ports, strict=True)), tmp_path / "site", monkeypatch)
    folder = tmp_path / "numbered"
    shutil.copytree(digits.folder, folder)
    board = folder / "boards" / BOARD / "board.toml"
    board.write_text(re.sub(r"\[qemu\]\n(.+\n)+", "", board.read_text()))
    return GeneratedProject(folder)


def test_boards_by_their_serial_numbers(
    numbered: GeneratedProject, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", str(numbered.folder), "--validate", str(MODEL)]
    assert main([*words, "--project-option", "serial_number=C,A,B"]) == 0
    output = capsys.readouterr().out
    boards = [line for line in output.splitlines() if line.startswith("board ")]
    assert boards == ["board C", "board A", "board B"]
    assert output.count("7 of 7 layer outputs equal the reference's") == BOARDS


def test_a_port_and_a_serial_number_are_one_board(
    numbered: GeneratedProject, ports: list[str]
) -> None:
    with (
        numbered.open_session(options={"port": ports[1]}),
        numbered.open_session(options={"serial_number": "A"}),
    ):
        for options in ({"serial_number": "B"}, {"port": ports[0]}):
            with pytest.raises(BoardInUseError, match="is used by"):
                numbered.open_session(options=options).__enter__()


def test_processes_that_compete(digits: GeneratedProject, ports: list[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = [sys.executable, contender.__file__, digits.folder, log, PROCESSES, ROUNDS, *ports]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'template_project'}"}
    processes = [
        subprocess.Popen(list(map(str, words)), env=environment, stderr=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    ended = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * PROCESSES, ended
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len({line[-1] for line in lines if line[0] == "refused"}) >= PROCESSES - BOARDS
    for port in ports:
        uses = [line for line in lines if line[0] in ("begin", "end") and line[1] == port]
        # Whoever begins ends before anybody else begins.
        assert [line[0] for line in uses] == ["begin", "end"] * (len(uses) // 2)
        assert [line[-1] for line in uses[::2]] == [line[-1] for line in uses[1::2]]
        assert uses, "a board that nobody got"
    ends = [line for line in lines if line[0] == "end"]
    assert Counter(Counter(line[-1] for line in ends).values()) == {ROUNDS: PROCESSES}
    for _, _, value, output, _ in ends:
        assert bytes.fromhex(output) == expected_output(int(value))


def test_the_suite_on_two_boards_behind_ports(ports: list[str], tmp_path: Path) -> None:
    """They have the firmware that the suite builds: the same source makes the same bytes."""
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/hardware"]
    words += ["-m", "hardware", "-k", MODEL.stem, "-n", "2", "--dist", "loadgroup"]
    words += ["--board", BOARD, "--port", ports[1], "--port", ports[2]]
    words += ["--basetemp", str(tmp_path / "inner"), "--hardware-report", str(tmp_path / "report")]
    environment = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout.decode()
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert [device["port"] for device in report["devices"]] == sorted(ports[1:])
    for device in report["devices"]:
        (test,) = device["tests"]
        assert (test["outcome"], test["model"], test["cases"]) == ("passed", MODEL.stem, 13)
        assert [layer["exact"] for layer in test["layers"]] == [True] * 7
        assert test["ticks"] == sum(layer["ticks"] for layer in test["layers"]) > 1000

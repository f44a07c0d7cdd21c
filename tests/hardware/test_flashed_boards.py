# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""Boards that are flashed by their probes' serial numbers, then used: all but the probe is real."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.benchmark_models import model_files
from support.hardware.attached import BOARD
from support.hardware.cases import FAULTS, check_fault, check_model
from support.hardware.probes import Bench
from support.hardware.report import Findings

from microtvm.cli.main import main
from microtvm.errors import BoardInUseError
from microtvm.project.project import GeneratedProject, open_session

pytestmark = pytest.mark.arm

MODEL = model_files()[0]
NUMBERS = ("A", "B")
TURNS = 2


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    boards = Bench(BOARD, NUMBERS, tmp_path / "bench")
    yield boards
    boards.close()


@pytest.fixture
def options(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    return {**bench.attach(monkeypatch), "board_timeout": "300"}


@pytest.fixture
def two(
    bench: Bench, digits: GeneratedProject, faulty: GeneratedProject, tmp_path: Path
) -> tuple[GeneratedProject, GeneratedProject]:
    """The digits model and the one that goes wrong, for the bench."""
    return bench.adopt(digits, tmp_path / "digits"), bench.adopt(faulty, tmp_path / "faulty")


def use_digits(project: GeneratedProject, options: dict[str, str]) -> Findings:
    findings: Findings = {}
    with open_session(project.folder, options=options, flash=True) as session:
        check_model(project, session, MODEL.read_bytes(), findings)
    return findings


def use_faulty(project: GeneratedProject, options: dict[str, str]) -> Findings:
    findings: Findings = {}
    with project.open_session(options=options, flash=True) as session:
        for fault in FAULTS:
            check_fault(session, fault, findings)
    return findings


def test_two_firmwares_that_want_one_board(
    bench: Bench, options: dict[str, str], two: tuple[GeneratedProject, GeneratedProject]
) -> None:
    """Each finds the firmware that it flashed, however the other flashes in between."""
    digits, faulty = two
    options["serial_number"] = "A"
    with ThreadPoolExecutor(2) as threads:
        exact = [threads.submit(use_digits, digits, options) for _ in range(TURNS)]
        faults = [threads.submit(use_faulty, faulty, options) for _ in range(TURNS)]
    for future in exact:
        assert [layer["exact"] for layer in future.result()["layers"]] == [True] * 7
    assert [sorted(future.result()["faults"]) for future in faults] == [sorted(FAULTS)] * TURNS
    assert bench.log.read_text() == "begin A\nend A\n" * 2 * TURNS


def test_a_board_is_not_flashed_under_a_session(
    bench: Bench, options: dict[str, str], two: tuple[GeneratedProject, GeneratedProject]
) -> None:
    digits, faulty = two
    del options["board_timeout"]
    with digits.open_session(options={**options, "serial_number": "A"}, flash=True) as session:
        with pytest.raises(BoardInUseError, match="serial number A"):
            faulty.flash({**options, "serial_number": "A"})
        faulty.flash({**options, "serial_number": "B"})
        assert session.stack_high_water().used > 0
    assert bench.log.read_text() == "begin A\nend A\nbegin B\nend B\n"


def test_flash_and_run_on_all_boards_by_the_command_line(
    options: dict[str, str],
    two: tuple[GeneratedProject, GeneratedProject],
    capsys: pytest.CaptureFixture[str],
) -> None:
    digits, _ = two
    words = [f"{name}={value}" for name, value in options.items()]
    numbers = f"serial_number={','.join(NUMBERS)}"
    assert main(["micro", "flash", str(digits.folder), "--project-option", *words, numbers]) == 0
    run = ["run", str(digits.folder), "--validate", str(MODEL)]
    assert main([*run, "--project-option", numbers]) == 0
    output = capsys.readouterr().out
    assert [f"board {number}\n" in output for number in NUMBERS] == [True, True]
    assert output.count("7 of 7 layer outputs equal the reference's") == len(NUMBERS)

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""scripts/bench as a whole: on the digits model, on a project, and on what cannot be measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from bench_model.__main__ import main
from bench_model.emulated import CountedRun
from bench_model.firmware import prepare
from bench_model.flash import FlashModel
from microtvm_project.boards import find_board
from support.baremetal import run_standalone
from support.cmake_builds import ROOT
from support.projects import build_stub

from microtvm.compiler import CompileOptions

DIGITS = ROOT / "tests" / "models" / "digits_int8.tflite"
# QEMU's -icount gives an instruction a nanosecond, and the timer ticks at 25 MHz.
INSTRUCTIONS_A_TICK = 40


@pytest.mark.arm
def test_counts_are_those_of_icount(tmp_path: Path) -> None:
    board = find_board(ROOT / "boards", "mps2_an386")
    place = prepare(DIGITS.read_bytes(), board, CompileOptions(), tmp_path)
    run = CountedRun(place, FlashModel())
    code, lines = run_standalone(tmp_path / "standalone" / "microtvm.elf", "mps2_an386")
    assert code == 0
    found = [re.fullmatch(r"layer (\d+) ticks (\d+)", line) for line in lines]
    ticks = {int(match[1]): int(match[2]) for match in found if match}
    assert len(ticks) == len(place.compiled.program.layers) > 3
    for layer, count in ticks.items():
        counted = run.counts.instructions(run.interval(layer))
        assert abs(counted - count * INSTRUCTIONS_A_TICK) <= INSTRUCTIONS_A_TICK


@pytest.mark.arm
def test_the_digits_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "results.json"
    assert main([str(DIGITS), "--boards", "mps2_an500", "--no-simplify", "--json", str(file)]) == 0
    (result,) = json.loads(file.read_text())
    assert (result["model"], result["board"]) == ("digits_int8", "mps2_an500")
    assert result["options"] == "--no-simplify"
    assert result["bit_exact"] is True
    assert {layer["bit_exact"] for layer in result["layers"]} == {True}
    assert 0.5 * result["instructions"] < result["cycles"] < result["cycles_high"]
    assert 0 < result["stall_cycles"] < result["cycles"]
    assert 50 < result["stack_bytes"] < 1000
    assert 500 < result["code_bytes"] < 20_000
    assert result["macs"] == sum(layer["macs"] for layer in result["layers"]) > 10_000
    printed = capsys.readouterr().out
    assert "digits_int8 --no-simplify on mps2_an500" in printed
    assert f"{result['instructions']:,}" in printed


@pytest.mark.arm
def test_a_project_on_its_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = build_stub(tmp_path / "project", board="mps2_an386", project_type="host_driven")
    file = tmp_path / "results.json"
    assert main(["--project", str(project.folder), "--json", str(file)]) == 0
    (result,) = json.loads(file.read_text())
    assert (result["model"], result["board"], result["measured"]) == ("stub", "mps2_an386", True)
    assert result["instructions"] is None
    assert result["bit_exact"] is None
    assert 0 < result["cycles"] < 1000
    assert result["code_bytes"] > 50
    assert "measured by the board" in capsys.readouterr().out


def test_one_model_that_fails_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.tflite").write_bytes(b"no model")
    assert main(["--models", str(tmp_path), "--boards", "mps2_an386"]) == 1
    assert "broken.tflite on mps2_an386: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--models", "{folder}"], "There is no model in"),
        (["--boards", "unknown"], "Board 'unknown' is not known"),
        (["{folder}/absent.tflite"], "absent.tflite: No such file"),
        (["--json", "{folder}/absent/results.json"], "There is no folder"),
        (["--boards", "nucleo_l4r5zi"], "--project"),
        (["--project", "{folder}"], "project.json"),
        (["--project", "{folder}", "{folder}/absent.tflite"], "absent.tflite: No such file"),
    ],
)
def test_wrong_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main([word.format(folder=tmp_path) for word in words]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error

# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc compile: what it writes and prints, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import tarfile
from pathlib import Path

import pytest

from microtvm.cli.compile import STAGES
from microtvm.cli.main import main
from microtvm.compiler import STAGES as COMPILER_STAGES

CORE = ["--target", "c", "--target-c-mcpu", "cortex-m4"]
USUAL = (
    "--target 'c -mcpu=cortex-m7' --runtime crt --executor aot --executor-aot-interface-api c"
    " --executor-aot-unpacked-api 1 --pass-config tir.disable_vectorize=1 -f mlf"
)


def _names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return tar.getnames()


def _metadata(archive: Path) -> dict[str, dict[str, dict[str, object]]]:
    with tarfile.open(archive) as tar:
        file = tar.extractfile("./metadata.json")
        assert file
        return json.load(file)


def test_the_archive_and_the_summary(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "out.tar"
    words = ["--module-name", "digits", "-o", str(archive), *CORE]
    assert main(["compile", str(digits_model), *words]) == 0
    captured = capsys.readouterr()
    assert "./codegen/host/include/tvmgen_digits.h" in _names(archive)
    assert "conv2d" in captured.out
    assert f"wrote {archive}" in captured.out
    assert captured.err.startswith("compile digits_int8.tflite for cortex-m4: ")
    assert list(tmp_path.iterdir()) == [archive]


def test_the_older_tvmcs_usual_flags(
    digits_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["compile", *shlex.split(USUAL), str(digits_model)]) == 0
    assert _metadata(tmp_path / "module.tar")["modules"]["default"]["target"] == [
        "c -mcpu=cortex-m7"
    ]


def test_the_stages_are_the_compilers() -> None:
    assert STAGES == COMPILER_STAGES


def test_stages_are_printed_and_dumped(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "out.tar"
    words = ["--print-ir-after", "plan,operators", "--dump-code", "c,tir,relax"]
    assert main(["compile", str(digits_model), "-o", str(archive), *CORE, *words]) == 0
    output = capsys.readouterr().out
    assert output.index("---- operators ----") < output.index("---- plan ----")
    assert "tvmgen_default_run" in (tmp_path / "out.tar.c").read_text()
    for stage in ("tir", "relax"):
        assert "def " in (tmp_path / f"out.tar.{stage}").read_text()


def test_schedules_are_printed_with_their_reasons(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*CORE, "--weights", "auto", "--print-schedules"]
    assert main(["compile", str(digits_model), "-o", str(tmp_path / "out.tar"), *words]) == 0
    output = capsys.readouterr().out
    assert re.search(
        r"^1_conv2d\n  takes dsp_conv2d \(weight_bits \d+\), [\d,]+ cycles$", output, re.M
    )
    assert re.search(r"could take plain, [\d,]+ cycles: \d+\.\d\d times the cycles", output)
    assert re.search(r"^weights: int8 in \d+ layers \([\d,]+ bytes\)", output, re.M)


def test_a_workspace_can_be_smaller_for_cycles(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = {}
    for optimize in ("speed", "ram"):
        words = [*CORE, "--optimize", optimize, "-o", str(tmp_path / "out.tar")]
        assert main(["compile", str(digits_model), *words]) == 0
        found = re.search(r"^workspace \(RAM\): ([\d,]+) bytes", capsys.readouterr().out, re.M)
        assert found is not None
        sizes[optimize] = int(found[1].replace(",", ""))
    assert sizes["ram"] < sizes["speed"]


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--target", "c"], 2, "no core is named"),
        (["--target-c-mcpu", "cortex-m99"], 1, "no core 'cortex-m99'"),
        (["--board", "pico"], 1, "one of mps2_an386"),
        ([*CORE, "--board", "nucleo_f746zg"], 2, "board nucleo_f746zg has a cortex-m7"),
        ([*CORE, "-f", "so"], 2, "--output-format so cannot be honoured"),
        ([*CORE, "--executor", "graph"], 2, "--executor graph cannot be honoured"),
        ([*CORE, "--print-ir-after", "relay"], 2, "there is no stage 'relay'"),
        ([*CORE, "--module-name", "My Model"], 4, "'My Model'"),
        ([*CORE, "-o", "no/such/folder/x.tar"], 1, "there is no directory 'no/such/folder'"),
    ],
)
def test_refused(
    words: list[str],
    code: int,
    complaint: str,
    digits_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["compile", str(digits_model), *words]) == code
    errors = capsys.readouterr().err
    assert complaint in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "text", "truncated"])
def test_models_that_are_none(
    kind: str, digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.tflite"
    if kind == "folder":
        model.mkdir()
    elif kind != "missing":
        contents = {"empty": b"", "text": b"hello", "truncated": digits_model.read_bytes()[:3000]}
        model.write_bytes(contents[kind])
    archive = tmp_path / "out.tar"
    assert main(["compile", str(model), "-o", str(archive), *CORE]) == 1
    errors = capsys.readouterr().err
    assert "tvmc: error: " in errors
    assert "unexpected" not in errors
    assert not archive.exists()


def test_an_older_archive_outlives_a_failure(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(b"hello")
    archive = tmp_path / "out.tar"
    archive.write_text("old")
    assert main(["compile", str(tmp_path / "model.tflite"), "-o", str(archive), *CORE]) == 1
    assert archive.read_text() == "old"

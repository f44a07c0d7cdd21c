# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc compile: what it writes and prints, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import tarfile
from pathlib import Path
from typing import Any

import pytest

from microtvm.cli.compile import STAGES
from microtvm.cli.main import main
from microtvm.compiler import STAGES as COMPILER_STAGES
from microtvm.resources import boards_dir

CORE = ["--target", "c", "--target-c-mcpu", "cortex-m4"]
USUAL = (
    "--target 'c -mcpu=cortex-m7' --runtime crt --executor aot --executor-aot-interface-api c"
    " --executor-aot-unpacked-api 1 --pass-config tir.disable_vectorize=1 -f mlf"
)


def _names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return tar.getnames()


def _metadata(archive: Path) -> dict[str, Any]:
    with tarfile.open(archive) as tar:
        file = tar.extractfile("./metadata.json")
        assert file
        content: dict[str, Any] = json.load(file)
        return content


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


def test_the_table_of_memories_is_the_boards(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-o", str(tmp_path / "out.tar"), "--board", "nucleo_f746zg"]
    assert main(["compile", str(digits_model), *words]) == 0
    output = capsys.readouterr().out
    memory = _metadata(tmp_path / "out.tar")["modules"]["default"]["microtvm"]["memory"]
    workspace, stack = memory["workspace_bytes"], memory["stack_bytes"]
    assert re.search(rf"^  pool global_workspace +{workspace:,}$", output, re.M)
    assert re.search(rf"^ram +{workspace + stack:,}  +262,144  +[\d,]+$", output, re.M)
    assert re.search(r"^dtcm +0  +65,536  +65,536$", output, re.M)


def test_a_board_that_is_too_small(
    digits_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = (boards_dir() / "nucleo_l4r5zi" / "board.toml").read_text()
    small = data.replace("nucleo_l4r5zi", "small", 1).replace("size = 0x000A_0000", "size = 1000")
    assert small.count("size = 1000") == 1
    (tmp_path / "boards" / "small").mkdir(parents=True)
    (tmp_path / "boards" / "small" / "board.toml").write_text(small)
    monkeypatch.setattr("microtvm.resources.boards_dir", lambda: tmp_path / "boards")
    archive = tmp_path / "out.tar"
    assert main(["compile", str(digits_model), "-o", str(archive), "--board", "small"]) == 1
    assert re.search(
        r"The model does not fit board small: ram would take ([\d,]+) bytes"
        r" \(pool global_workspace \1\)\n  expected: at most 1,000 bytes in ram\n",
        capsys.readouterr().err,
    )
    assert not archive.exists()


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
        found = re.search(r"^  pool global_workspace +([\d,]+)$", capsys.readouterr().out, re.M)
        assert found is not None
        sizes[optimize] = int(found[1].replace(",", ""))
    assert sizes["ram"] < sizes["speed"]


def test_a_budget_is_kept_to_or_refused_with_the_smallest(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compile", str(digits_model), *CORE, "-o", str(tmp_path / "out.tar")]
    assert main([*words, "--ram-budget", "100"]) != 0
    error = capsys.readouterr().err
    assert "the model does not fit into 100 bytes of workspace" in error
    smallest = re.search(r"try: --ram-budget (\d+)$", error, re.M)
    assert smallest is not None
    assert main([*words, "--ram-budget", smallest[1]]) == 0
    output = capsys.readouterr().out
    assert re.search(r"^ +\d+ +\w+ +\w+ +1x\d+x\d+x\d+, rows 0 to \d+ ", output, re.M)
    assert re.search(
        r"^in \d+ stripes of \d+ rows: layers \d+ to \d+ \([\w, ]+\), [\d,]+ MACs twice \(",
        output,
        re.M,
    )
    assert main([*words, "--ram-budget", str(int(smallest[1]) - 1)]) != 0
    assert f"try: --ram-budget {smallest[1]}" in capsys.readouterr().err


_TWO = "--workspace-pools dtcm,sram --workspace-pools-size-hint-bytes dtcm:512"


def test_pools_are_printed_with_what_they_cost(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(
        f"{_TWO} --workspace-pools-read-latency-cycles sram:2 --io caller"
        " --constant-pools itcm,flash --constant-pools-size-hint-bytes itcm:1024"
    )
    archive = tmp_path / "out.tar"
    assert main(["compile", str(digits_model), "-o", str(archive), *CORE, *words]) == 0
    output = capsys.readouterr().out
    assert re.search(r"^dtcm +buffers +\d+ +512 +0$", output, re.M)
    assert re.search(r"^sram +buffers +[\d,]+ +[\d,]+$", output, re.M)
    assert re.search(r"^itcm +constants +\d+ +1,024 +0$", output, re.M)
    assert re.search(r"^flash +constants, flash +[\d,]+ +0$", output, re.M)
    assert re.search(r"^stall cycles of an inference, estimated: [1-9][\d,]*, ", output, re.M)
    memory = _metadata(archive)["modules"]["default"]["microtvm"]["memory"]
    assert [pool["name"] for pool in memory["pools"]] == ["dtcm", "sram", "io"]


def test_one_pool_needs_no_table(
    digits_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "out.tar"
    assert main(["compile", str(digits_model), "-o", str(archive), *CORE]) == 0
    assert "stall cycles" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--target", "c"], 2, "no core is named"),
        (["--target-c-mcpu", "cortex-m99"], 1, "no core 'cortex-m99'"),
        ([*CORE, "--workspace-pools-size-hint-bytes", "dtcm:1"], 2, "the pool 'dtcm'"),
        ([*CORE, "--workspace-pools", "int"], 1, "'int' cannot be the name of a pool"),
        ([*CORE, *shlex.split(f"{_TWO},sram:512")], 1, "the workspace pools (dtcm 512, sram 512"),
        (["--board", "nucleo_f746zg", "--constant-pools", "qspi"], 1, "no memory for the pool"),
        (["--board", "pico"], 4, "Board 'pico' is not known"),
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

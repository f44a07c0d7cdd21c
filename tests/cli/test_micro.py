# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc micro: projects are made, built and flashed, or refused and nothing left behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from microtvm.cli.main import main

BOARD = ["--project-option", "board=mps2_an386"]
REPOSITORY = Path(__file__).resolve().parents[2]


def _create(folder: Path, archive: Path, *words: str) -> int:
    return main(["micro", "create-project", str(folder), str(archive), *words])


def _info(folder: Path) -> dict[str, object]:
    values = json.loads((folder / "project.json").read_text())
    assert isinstance(values, dict)
    return values


def test_create(digits_archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    words = ["--project-option", "project_type=standalone", "board=mps2_an500"]
    assert _create(folder, digits_archive, "baremetal", *words) == 0
    info = _info(folder)
    assert (info["platform"], info["board"], info["project_type"]) == (
        "baremetal",
        "mps2_an500",
        "standalone",
    )
    assert list(tmp_path.iterdir()) == [folder]


def test_create_by_its_short_name_for_zephyr(digits_archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    words = [str(folder), str(digits_archive), "zephyr", *BOARD]
    assert main(["micro", "create", *words]) == 0
    assert _info(folder)["platform"] == "zephyr"


def test_create_with_the_template_named(digits_archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    template = ["template", "--template-dir", str(REPOSITORY / "template_project")]
    assert _create(folder, digits_archive, *template, *BOARD) == 0
    assert (folder / "microtvm_api_server.py").is_file()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["arduino"], 2, "invalid choice: 'arduino'"),
        (["template"], 2, "--template-dir DIR"),
        (["zephyr", "--template-dir", "x"], 2, "goes with the platform template"),
        (["template", "--template-dir", "x", *BOARD], 1, "no Project API server"),
        (["baremetal"], 4, "'board' is required"),
        (["baremetal", "--project-option"], 2, "expected at least one argument"),
        (["baremetal", "--project-option", "board"], 2, "'board' is no project option"),
        (["baremetal", "--project-option", "board=pico"], 4, "'pico'"),
        (["baremetal", *BOARD, "speed=9"], 4, "Option 'speed' is invalid here"),
        (["baremetal", *BOARD, "port=/dev/x"], 4, "Option 'port' is invalid here"),
        (["baremetal", *BOARD, "verbose=maybe"], 4, "true or false"),
        (["baremetal", *BOARD, "main_stack_size=big"], 4, "whole number"),
        (["baremetal", *BOARD, "workspace_size_bytes=1"], 4, "at least"),
        (["baremetal", *BOARD, "workspace_size_bytes=5000000"], 1, "5,000,000 bytes"),
        (["baremetal", *BOARD, "workspace=mine"], 4, "shared, own"),
        (["baremetal", *BOARD, "pool_regions=global_workspace"], 4, "POOL=REGION"),
        (["baremetal", *BOARD, "pool_regions=fast=ram"], 4, "which no model has"),
        (["baremetal", *BOARD, "pool_regions=global_workspace=dtcm"], 4, "one of ram (ram, 4,"),
        (["baremetal", *BOARD, "project_type=clock"], 4, "standalone"),
        (["baremetal", *BOARD, "platform=zephyr"], 2, "platform"),
        (["baremetal", *BOARD, "extra_files_tar=no.tar"], 1, "no.tar"),
    ],
)
def test_create_refuses(
    words: list[str],
    code: int,
    complaint: str,
    digits_archive: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _create(tmp_path / "project", digits_archive, *words) == code
    errors = capsys.readouterr().err
    assert complaint in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["missing", "text", "truncated", "model"])
def test_archives_that_are_none(
    kind: str,
    digits_archive: Path,
    digits_model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    archive = tmp_path / "x.tar"
    contents = {
        "text": b"hello",
        "truncated": digits_archive.read_bytes()[:20_000],
        "model": digits_model.read_bytes(),
    }
    if kind in contents:
        archive.write_bytes(contents[kind])
    assert _create(tmp_path / "project", archive, "baremetal", *BOARD) == 1
    errors = capsys.readouterr().err
    assert "x.tar" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "project").exists()


def test_an_older_project_is_replaced_only_by_force(
    digits_archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 0
    (folder / "mine.txt").write_text("mine")
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 1
    assert "-f" in capsys.readouterr().err
    assert (folder / "mine.txt").is_file()
    assert _create(folder, digits_archive, "baremetal", "-f", *BOARD) == 0
    assert not (folder / "mine.txt").exists()


def test_force_does_not_replace_what_is_no_project(digits_archive: Path, tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    assert _create(tmp_path, digits_archive, "baremetal", "-f", *BOARD) == 1
    assert (tmp_path / "letters.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("command", "shown", "hidden"),
    [
        ("create-project", "mps2_an386, mps2_an500", "port="),
        ("build", "verbose={true,false}", "board="),
        ("flash", "serial_number=STR", "board="),
    ],
)
def test_list_options(
    command: str, shown: str, hidden: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["micro", command, "--list-options"]) == 0
    output = capsys.readouterr().out
    assert shown in output
    assert hidden not in output


def test_list_options_of_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    template = ["--template-dir", str(REPOSITORY / "template_project")]
    assert main(["micro", "create-project", "--list-options"]) == 0
    ours = capsys.readouterr().out
    assert main(["micro", "create-project", *template, "--list-options"]) == 0
    assert capsys.readouterr().out == ours


@pytest.mark.parametrize("command", ["build", "flash"])
@pytest.mark.parametrize(
    ("words", "complaint"),
    [(["zephyr"], "project.json"), ([], "no Project API server")],
)
def test_folders_that_are_no_projects(
    command: str,
    words: list[str],
    complaint: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["micro", command, str(tmp_path), *words]) == 1
    errors = capsys.readouterr().err
    assert complaint in errors or "has no build" in errors
    assert list(tmp_path.iterdir()) == []


def test_another_platform_than_the_projects(
    digits_archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 0
    for command in ("build", "flash"):
        assert main(["micro", command, str(folder), "zephyr"]) == 4
        assert "is for the platform baremetal" in capsys.readouterr().err


def test_options_of_another_step(
    digits_archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 0
    assert main(["micro", "build", str(folder), *BOARD]) == 4
    assert "Option 'board' is invalid here" in capsys.readouterr().err


def test_nothing_to_flash(
    digits_archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 0
    assert main(["micro", "flash", str(folder), "baremetal"]) == 1
    assert "has no build" in capsys.readouterr().err


@pytest.mark.arm
def test_build_says_what_the_firmware_takes(
    digits_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(digits_project, folder)
    assert main(["micro", "build", "-f", str(folder), "baremetal"]) == 0
    memory, _, stack = capsys.readouterr().out.partition("\n\n")
    lines = memory.splitlines()
    assert lines[0].split() == ["memory", "used", "size", "free"]
    titles = {line.rsplit("  ", 1)[0].strip() for line in lines if line.startswith("  ")}
    assert {"constants of digits", "code of digits", "pool global_workspace"} <= titles
    assert {line.split()[0] for line in lines[2:] if line[0] != " "} == {"flash", "ram"}
    rows = dict(line.rsplit(maxsplit=1) for line in stack.splitlines()[2:7])
    inference, program, interrupt, bound, configured = (
        int(size.replace(",", "")) for size in rows.values()
    )
    assert next(iter(rows)) == "inference of digits"
    assert inference < program == bound - interrupt
    assert configured == -(-(bound + 256) // 8) * 8
    assert stack.splitlines()[-1].startswith("deepest: main ")
    image = folder / "build" / "microtvm.elf"
    before = image.stat().st_mtime_ns
    assert main(["micro", "build", str(folder)]) == 0
    assert image.stat().st_mtime_ns == before


@pytest.mark.arm
def test_flashing_qemu_is_no_work(digits_project: Path) -> None:
    assert main(["micro", "flash", str(digits_project), "baremetal"]) == 0


@pytest.mark.arm
def test_a_project_made_for_a_missing_compiler(
    digits_archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "project"
    assert _create(folder, digits_archive, "baremetal", *BOARD) == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["micro", "build", str(folder)]) == 1
    errors = capsys.readouterr().err
    assert "arm-none-eabi-gcc" in errors
    assert "Traceback" not in errors

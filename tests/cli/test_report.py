# SPDX-FileCopyrightText: The microtvm authors
# SPDX-License-Identifier: Apache-2.0
"""tvmc report: a page from an archive, and archives that are none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.archives import pack, stub_files, write_stub_archive

from microtvm.cli.main import main


def _report(archive: Path, page: Path, *words: str) -> int:
    return main(["report", str(archive), "-o", str(page), *words])


def test_a_page_is_written(
    digits_archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    assert _report(digits_archive, page, "--board", "nucleo_l4r5zi") == 0
    assert capsys.readouterr().out == f"wrote {page}\n"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<h1><bdi>digits</bdi></h1>" in text
    assert "655,360" in text
    again = tmp_path / "again.html"
    assert _report(digits_archive, again, "--board", "nucleo_l4r5zi") == 0
    assert again.read_bytes() == page.read_bytes()


def test_a_model_without_estimates_has_a_page_too(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert _report(write_stub_archive(tmp_path / "stub.tar"), page) == 0
    assert "no estimates" in page.read_text(encoding="utf-8")


def test_the_compiler_is_not_loaded(digits_archive: Path, tmp_path: Path) -> None:
    text = (
        "import sys; from microtvm.cli.main import main;"
        f"code = main(['report', {str(digits_archive)!r}, '-o', {str(tmp_path / 'x.html')!r}]);"
        "sys.exit(code or 'tvm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", text], check=False).returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["--board", "pico"], 4, "Board 'pico' is not known"),
        (["--board", "nucleo_f746zg"], 2, "board nucleo_f746zg has a cortex-m7"),
        (["--module-name", "other"], 1, "has no module 'other'"),
        (["-o", "no/such/folder/x.html"], 1, "there is no directory 'no/such/folder'"),
    ],
)
def test_refused(
    words: list[str],
    code: int,
    complaint: str,
    digits_archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _report(digits_archive, tmp_path / "x.html", *words) == code
    errors = capsys.readouterr().err
    assert complaint in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def _damaged(path: Path, change: dict[str, Any]) -> Path:
    """An archive of the stub whose second tensor is changed."""
    files = stub_files()
    metadata = json.loads(files["metadata.json"])
    metadata["modules"]["stub"]["microtvm"]["tensors"][1] |= change
    path.write_bytes(pack({**files, "metadata.json": json.dumps(metadata).encode()}))
    return path


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"alive_to": 2**40}, "is alive from 1 to 1099511627776"),
        ({"alive_from": 2, "alive_to": 1}, "is alive from 2 to 1"),
        ({"offset": 2**40}, "at most its size"),
        ({"pool": 7}, "is in pool 7"),
        ({"shape": [2**70]}, "has 8 bytes"),
    ],
)
def test_hostile_archives_leave_no_page(
    change: dict[str, Any], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = _damaged(tmp_path / "x.tar", change)
    assert _report(archive, tmp_path / "x.html") == 1
    assert complaint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("content", [b"", b"hello", None])
def test_files_that_are_no_archives(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "x.tar"
    if content is not None:
        archive.write_bytes(content)
    assert _report(archive, tmp_path / "x.html") == 1
    errors = capsys.readouterr().err
    assert "x.tar" in errors
    assert "Traceback" not in errors
